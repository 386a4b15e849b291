"""Test support for Linli and for plugins: real servers, tenants and contexts, conformance checks."""

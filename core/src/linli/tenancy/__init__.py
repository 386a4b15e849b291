"""Tenants: the catalogue, profiles, provisioning, and the plugins that each has switched on."""

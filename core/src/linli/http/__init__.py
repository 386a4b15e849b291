"""The HTTP edge: limits, request ids, errors as JSON, credentials, and the few routes that are not an interface's."""

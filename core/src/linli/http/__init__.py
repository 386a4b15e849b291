"""The HTTP edge: limits, request ids, errors as JSON, credentials, and the routes that are no interface's."""

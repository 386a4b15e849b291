"""Public-venture funding 公益创投: from the call to the audited result."""

"""What events and jobs have in common: rows of tenants that are due, taken one at a time, fairly."""

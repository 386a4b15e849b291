"""PostgreSQL: connections, units of work, tables, migrations. Every tenant row goes through here."""

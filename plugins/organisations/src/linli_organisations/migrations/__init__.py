"""The plugin's migrations, in the order of their names."""

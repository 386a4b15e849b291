"""`linli run`: everything with one command; servers, migrations, tenants, web process and worker."""

from linli.run.command import main
from linli.run.runtime_file import RuntimeFile, read_runtime_file

__all__ = ["RuntimeFile", "main", "read_runtime_file"]

"""PostgreSQL and Valkey from wheels: what a newcomer gets without installing anything."""

from linli.embedded.errors import EmbeddedServerError
from linli.embedded.postgres import EmbeddedPostgres
from linli.embedded.process import Progress
from linli.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedServerError", "EmbeddedValkey", "Progress"]

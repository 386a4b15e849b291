"""Contents in any S3-compatible store: `s3://bucket/prefix?endpoint=…&region=…`; credentials as AWS's tools take them.

Source of the library: obstore (Rust's object_store, one wheel of 6 MB without dependencies, asynchronous). boto3
brings 17 MB and blocks; aiobotocore brings it too, and pins its version; minio blocks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from linli.files.errors import StoreUnavailable
from linli.files.stores import StoredContent
from linli.settings import InvalidSetting

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Config

NAME: Final = "LINLI_FILES_URL"
_TIMEOUT: Final = timedelta(seconds=30)
_PIECES_AT_ONCE: Final = 4


def open_bucket(url: str) -> BucketStore:
    """The bucket of an address. Raises: InvalidSetting, also when the package obstore is not installed."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != "s3" or not parts.netloc or options.keys() - {"endpoint", "region"}:
        raise InvalidSetting(name=NAME, reason="s3://bucket[/prefix][?endpoint=…&region=…]")
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise InvalidSetting(name=NAME, reason="needs the package obstore: pip install 'linli[s3]'") from None
    endpoint = options.get("endpoint", "")
    config: S3Config = {"region": options.get("region", "us-east-1")}
    if endpoint:
        config["endpoint"] = endpoint
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={"timeout": _TIMEOUT, "allow_http": endpoint.startswith("http://")},
        retry_config={"max_retries": 2, "retry_timeout": _TIMEOUT},
    )
    return BucketStore(store)


class BucketStore:
    """A bucket, or any other store that obstore knows."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        """In parts when it is large. Raises: StoreUnavailable."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            await obstore.put_async(self._store, key, pieces, max_concurrency=_PIECES_AT_ONCE)
        except (BaseError, OSError) as error:
            raise StoreUnavailable() from error

    async def get(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Raises: FileNotFoundError, StoreUnavailable."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            found = await obstore.get_async(self._store, key, options={"range": (start, end)})
            async for piece in found.stream():
                yield bytes(piece)
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise StoreUnavailable() from error

    async def delete(self, key: str) -> None:
        """Raises: StoreUnavailable."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StoreUnavailable() from error

    async def contents(self, tenant_id: UUID) -> AsyncIterator[StoredContent]:
        """Raises: StoreUnavailable."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            async for batch in obstore.list(self._store, prefix=tenant_id.hex):
                for one in batch:
                    yield StoredContent(one["path"], one["last_modified"])
        except (BaseError, OSError) as error:
            raise StoreUnavailable() from error

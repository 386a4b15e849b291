"""A tenant's own wording: texts that it says differently from the kernel and the plugins."""

from __future__ import annotations

from linli.context import Context
from linli.db.rows import delete, from_record, insert, update
from linli.i18n.catalogue import Catalogue, TextSource
from linli.tenancy.tables import TenantText

TEXTS_MAX = 5_000


async def read_wording(ctx: Context) -> TextSource:
    """The tenant's own texts, by locale and key."""
    texts: dict[str, dict[str, str]] = {}
    for row in await ctx.db.fetch(
        "select locale, key, body from tenancy_text where tenant_id = $1 limit $2", ctx.tenant_id, TEXTS_MAX
    ):
        texts.setdefault(row["locale"], {})[row["key"]] = row["body"]
    return TextSource(ctx.tenant.slug, texts)


async def tenant_catalogue(ctx: Context) -> Catalogue:
    """The texts of the tenant's plugins in the tenant's wording; what no plugin of it gives is left out."""
    catalogue = ctx.plugins.texts
    own = await read_wording(ctx)
    known = {
        locale: {key: text for key, text in texts.items() if catalogue.text(key) is not None}
        for locale, texts in own.texts.items()
    }
    return catalogue.overridden_by(TextSource(own.name, known))


async def write_wording(ctx: Context, wanted: TextSource) -> None:
    """Make the tenant's own texts exactly these; writes only what differs."""
    rows = await ctx.db.fetch("select * from tenancy_text where tenant_id = $1 for update", ctx.tenant_id)
    stored = {(row["locale"], row["key"]): from_record(TenantText, row) for row in rows}
    texts = {(locale, key): body for locale, t in wanted.texts.items() for key, body in t.items()}
    for place, text in stored.items():
        if place not in texts:
            await delete(ctx, text)
    for (locale, key), body in texts.items():
        present = stored.get((locale, key))
        if present is None:
            await insert(ctx, TenantText, locale=locale, key=key, body=body)
        elif present.body != body:
            await update(ctx, present, body=body)

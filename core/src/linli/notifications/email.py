"""The channel `email`: by SMTP (RFC 5321), to an address that the person gave.

`LINLI_SMTP_URL` names the server: `smtps://user:password@host:465` speaks TLS from the beginning, `smtp://…:587` must
change to it (STARTTLS, RFC 3207), and `smtp+plain://127.0.0.1:25` never does: for a relay on the same machine.
"""

from __future__ import annotations

import re
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from linli.masks import mask_email
from linli.notifications.channel import (
    AddressKind,
    Bounced,
    Channel,
    Delivered,
    Outcome,
    OutgoingMessage,
    Retry,
)
from linli.settings import Settings

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_ADDRESS_MAX: Final = 254
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_NO_SUCH_MAILBOX: Final = (550, 551, 553)
# Servers say 550 as well for a policy or a relay that is set up wrong (5.7.1), of which no recipient can help.
_ENHANCED: Final = re.compile(r"5\.([0-9]{1,3}\.[0-9]{1,3})\b")
_OF_THE_MAILBOX: Final = ("1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1")


def normal_email(text: str) -> str | None:
    """An address as it is written to, or None for what is none; names in other scripts are not taken."""
    trimmed = text.strip()
    return trimmed if len(trimmed) <= _ADDRESS_MAX and _ADDRESS.fullmatch(trimmed) else None


async def _deliver(message: OutgoingMessage, settings: Settings) -> Outcome:
    url = urlsplit(settings.smtp_url)
    plain = url.scheme == "smtp+plain"
    try:
        await aiosmtplib.send(
            _composed(message, settings.smtp_sender),
            hostname=url.hostname,
            port=url.port or _PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            start_tls=url.scheme == "smtp",
            tls_context=None if plain else _tls(settings.smtp_ca_file),
            timeout=settings.message_timeout_ms / 1000,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refused(error.recipients[0])
    except aiosmtplib.SMTPResponseException as error:
        return Retry(f"smtp_{error.code}")
    return Delivered()


@lru_cache(maxsize=4)
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """Made once: reading the authorities takes some 20 ms, in which nothing else goes on."""
    return ssl.create_default_context(cafile=ca_file)


def _composed(message: OutgoingMessage, sender: str) -> EmailMessage:
    """The mail; its Message-ID is made of the key, so that a mailbox can know a repetition (RFC 5322 3.6.4)."""
    made = EmailMessage()
    made["From"] = Address(addr_spec=sender)
    made["To"] = Address(addr_spec=message.address)
    made["Subject"] = message.title
    made["Message-ID"] = f"<{message.key}@{sender.partition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made["Content-Language"] = message.locale
    made.set_content(message.body)
    return made


def _refused(error: aiosmtplib.SMTPRecipientRefused) -> Outcome:
    """Whether the mailbox is at fault. Source: RFC 3463 §3.2, §3.3."""
    said = _ENHANCED.match(error.message.strip())
    bounced = error.code in _NO_SUCH_MAILBOX and (said is None or said[1] in _OF_THE_MAILBOX)
    return Bounced(f"smtp_{error.code}") if bounced else Retry(f"smtp_{error.code}")


EMAIL: Final = Channel(
    name="email",
    zh="电子邮件",
    en="E-mail",
    deliver=_deliver,
    addressed_by=AddressKind.OWN,
    check=normal_email,
    mask=mask_email,
    ready=lambda settings: bool(settings.smtp_url),
)

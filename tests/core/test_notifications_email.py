"""E-mail by a real SMTP server on this machine: plain, with STARTTLS, with a log-in, refused and bounced."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linli.notifications import Bounced, Delivered, Outcome, OutgoingMessage, Retry
from linli.notifications.email import EMAIL, normal_email
from linli.settings import InvalidSetting, Settings

MESSAGE = OutgoingMessage("key-1", "reader@example.com", "服务时长已入账", "您在“清扫”的 90 分钟已入账。")
SENDER = "linli@example.org"


@dataclass(slots=True)
class Mailbox:
    """What the server was handed, and what it answers to recipients."""

    answer: str = "250 OK"
    received: list[EmailMessage] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.secure.append(session.ssl is not None)
        return "250 OK"


def log_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == b"p@ss"
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def serving(
    mailbox: Mailbox, *, ssl_context: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, **options), "127.0.0.1", 0, ssl=ssl_context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def settings(url: str, *, ca_file: Path | None = None, timeout_ms: int = 5_000) -> Settings:
    return Settings(
        data_dir=Path(),
        smtp_url=url,
        smtp_sender=SENDER,
        smtp_ca_file=ca_file,
        message_timeout_ms=timeout_ms,
    )


async def deliver(url: str, **options: Any) -> Outcome:
    async with asyncio.timeout(10):
        return await EMAIL.deliver(MESSAGE, settings(url, **options))


async def test_a_mail_arrives_as_it_was_written() -> None:
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        assert await deliver(f"smtp+plain://127.0.0.1:{port}") == Delivered()
    (mail,) = mailbox.received
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, MESSAGE.address, MESSAGE.title)
    assert mail["Message-ID"] == "<key-1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == MESSAGE.body


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_mail_goes_by_tls_with_a_log_in(certificate: Path, scheme: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    mailbox = Mailbox()
    options: dict[str, Any] = {"authenticator": log_in, "auth_required": True}
    options |= (
        {"tls_context": context, "require_starttls": True}
        if scheme == "smtp"
        else {"ssl_context": context, "auth_require_tls": False}
    )
    async with serving(mailbox, **options) as port:
        url = f"{scheme}://user:p%40ss@127.0.0.1:{port}"
        assert await deliver(url, ca_file=certificate) == Delivered()
        assert await deliver(url.replace("p%40ss", "wrong"), ca_file=certificate) == Retry("smtp_535")
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError), match="certificate verify failed"):
            await deliver(url)  # nobody vouches for this certificate
    assert len(mailbox.received) == 1


async def test_no_mail_goes_out_where_tls_is_wanted_and_the_server_has_none() -> None:
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        with pytest.raises(aiosmtplib.SMTPException, match="STARTTLS"):
            await deliver(f"smtp://127.0.0.1:{port}")
    assert mailbox.received == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such mailbox", Bounced("smtp_550")),
        ("553 5.1.3 bad name", Bounced("smtp_553")),
        ("550 unknown user", Bounced("smtp_550")),
        ("550 5.7.1 relaying denied", Retry("smtp_550")),
        ("550 5.7.26 not authenticated", Retry("smtp_550")),
        ("452 4.2.2 mailbox full", Retry("smtp_452")),
        ("421 4.3.2 not now", Retry("smtp_421")),
    ],
)
async def test_what_the_server_answers_decides_whether_it_is_tried_again(
    answer: str, outcome: Outcome
) -> None:
    mailbox = Mailbox(answer=answer)
    async with serving(mailbox) as port:
        assert await deliver(f"smtp+plain://127.0.0.1:{port}") == outcome
    assert mailbox.received == []


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" a.b+c@example.com ", "a.b+c@example.com"),
        ("a@b", None),
        ("a@example.com\nBcc: b@example.com", None),
        ("a@example.com,b@example.com", None),
        ("王@example.com", None),
        ("a" * 65 + "@example.com", None),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("a..b@example.com", None),
        (".a@example.com", None),
        ("a.@example.com", None),
        ("a@-example.com", None),
        ("a@b--c.example.com", "a@b--c.example.com"),
    ],
)
def test_an_address_is_one_mailbox(text: str, normal: str | None) -> None:
    assert normal_email(text) == normal


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINLI_SMTP_URL", "http://127.0.0.1"),
        ("LINLI_SMTP_URL", "smtp://"),
        ("LINLI_SMTP_SENDER", "Linli <linli@example.org>"),
        ("LINLI_MESSAGE_TIMEOUT_MS", "1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    given = {"LINLI_SMTP_URL": "smtps://127.0.0.1", "LINLI_SMTP_SENDER": SENDER, name: value}
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environment(given)
    assert refused.value.details["name"] == name


def test_the_password_of_the_server_stands_in_no_log() -> None:
    assert "p%40ss" not in repr(settings("smtps://user:p%40ss@127.0.0.1"))

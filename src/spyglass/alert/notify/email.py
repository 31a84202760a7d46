"""E-mail over SMTP: text and HTML to a list of people, with a Message-ID that stays the same when it is sent again, and threads by group."""

from __future__ import annotations

import asyncio
import contextlib
import html
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from string import Template
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from spyglass.alert.notify.reach import address_of
from spyglass.alert.notify.text import headline, page
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "message_of"]

_FIELDS: Final = frozenset({"headline", "project", "severity", "status", "count", "text"})


def _mailbox(text: str) -> str:
    address = parseaddr(text)[1]
    if address.count("@") != 1 or any(letter.isspace() for letter in address) or not text.isprintable() or address.startswith("@") or address.endswith("@"):
        raise ValueError(f"expected an address such as ops@example.com, got {text[:80]!r}")
    return text


def _template(text: str) -> str:
    template = Template(text)
    if not template.is_valid() or not _FIELDS.issuperset(template.get_identifiers()):
        raise ValueError(f"expected text with ${', $'.join(sorted(_FIELDS))} and no other $ (write $$ for one)")
    return text


Mailbox = Annotated[str, Field(min_length=3, max_length=320), AfterValidator(_mailbox)]
TemplateText = Annotated[str, AfterValidator(_template)]


class Settings(BaseModel):
    """Of a list of recipients."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, max_length=253, description="The SMTP server.")
    port: int = Field(587, ge=1, le=65_535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted; without encryption no password is sent.")
    user: str = Field("", max_length=320, description="Who logs in; empty: nobody does.")
    password: SecretStr = Field(SecretStr(""), max_length=500, description="Of the user.")
    sender: Mailbox = Field(description="From.")
    recipients: tuple[Mailbox, ...] = Field(min_length=1, max_length=100, description="To.")
    subject: TemplateText = Field("$headline", max_length=300, description="Template of the subject: $headline, $project, $severity, $status, $count.")
    body: TemplateText = Field("$text", max_length=20_000, description="Template of the text, with $text for all that is known.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.security == "none" and self.user:
            raise ValueError("security: a password is not sent without encryption; choose starttls or tls, or leave out `user`")
        return self


class Email:
    """One notice to one list."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        address = await address_of(self.settings.host, self.settings.port, self.context.allowed_networks)
        client = _Client(address, self.settings, self.context.timeout_s)
        try:
            return await asyncio.to_thread(client.deliver, message_of(notice, self.settings))
        except asyncio.CancelledError:
            client.abort()  # whoever waits in the thread waits no longer
            raise


class _Client(smtplib.SMTP):
    """smtplib's, to an address that was checked instead of whatever the name means now."""

    def __init__(self, address: str, settings: Settings, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._address, self._settings = address, settings

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        opened = socket.create_connection((self._address, port), timeout)
        return ssl.create_default_context().wrap_socket(opened, server_hostname=host) if self._settings.security == "tls" else opened

    def abort(self) -> None:
        """Break the connection off, from another thread."""
        sock: Any = getattr(self, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def deliver(self, message: EmailMessage) -> str:
        """All of it, blocking."""
        settings = self._settings
        try:
            self._host = settings.host  # smtplib checks certificates against it
            self.connect(settings.host, settings.port)
            if settings.security == "starttls":
                self.starttls(context=ssl.create_default_context())
            if settings.user:
                self.login(settings.user, settings.password.get_secret_value())
            refused = self.send_message(message)
            self.quit()
        except smtplib.SMTPRecipientsRefused as error:
            raise _failure(min((code for code, _ in error.recipients.values()), default=550), f"no recipient was taken by {settings.host}") from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, f"{settings.host} answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Refused(f"{settings.host} does not take mail now: {type(error).__name__}", retry_after_s=0) from error
        finally:
            self.close()
        return f"taken by {settings.host}" + (f", but not for {', '.join(sorted(refused))}" if refused else "")


def message_of(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail of a notice."""
    text = page(notice)
    known = {
        "headline": headline(notice),
        "project": notice.project,
        "severity": notice.severity,
        "status": notice.status,
        "count": str(len(notice.alerts)),
        "text": text,
    }
    body = Template(settings.body).substitute(known)
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    message = EmailMessage()
    message["Subject"] = " ".join(Template(settings.subject).substitute(known).split())[:250]
    message["From"], message["To"] = settings.sender, ", ".join(settings.recipients)
    message["Date"] = formatdate(notice.created_ns / 1e9)
    message["Message-ID"] = f"<{notice.id}@{domain}>"
    message["References"] = f"<group-{notice.group}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Spyglass-Notice"] = notice.id
    message.set_content(body)
    message.add_alternative(f"<pre style='font-family:monospace;white-space:pre-wrap'>{html.escape(body)}</pre>", subtype="html")
    return message


def _failure(code: int, text: str) -> InputError | Refused:
    """4xx is for later; 5xx about the mail itself is for ever, about who we are may be put right."""
    return InputError(text) if code in (550, 551, 552, 553, 554) else Refused(text, retry_after_s=0)


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Email(settings, context)


KIND: Final = ChannelKind("email", "1.0.0", "Mail over SMTP to a list of recipients.", Settings, _make)

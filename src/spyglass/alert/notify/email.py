"""E-mail over SMTP: text, HTML and files to lists of people, with a Message-ID that stays the same when it is sent again, and threads by group."""

from __future__ import annotations

import asyncio
import contextlib
import html
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from spyglass.alert.notify.http import why
from spyglass.alert.notify.mail_text import AlertTemplate, Format, TemplateText, attached, filled, html_of
from spyglass.alert.notify.reach import address_of
from spyglass.model.errors import InputError, Refused
from spyglass.model.finding import Severity
from spyglass.model.notice import RANKS, Notice
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "message_of", "recipients_of"]


def _mailbox(text: str) -> str:
    address = parseaddr(text)[1]
    if address.count("@") != 1 or any(letter.isspace() for letter in address) or not text.isprintable() or address.startswith("@") or address.endswith("@"):
        raise ValueError(f"expected an address such as ops@example.com, got {text[:80]!r}")
    return text


Mailbox = Annotated[str, Field(min_length=3, max_length=320), AfterValidator(_mailbox)]
Person = Annotated[str, Field(min_length=1, max_length=256)]
_MOST_RECIPIENTS: Final = 200  # of one mail; servers take fewer than a thousand


class Settings(BaseModel):
    """Of a list of recipients."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, max_length=253, description="The SMTP server.")
    port: int = Field(587, ge=1, le=65_535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted; without encryption no password is sent.")
    user: str = Field("", max_length=320, description="Who logs in; empty: nobody does.")
    password: SecretStr = Field(SecretStr(""), max_length=500, description="Of the user.")
    sender: Mailbox = Field(description="From.")
    recipients: tuple[Mailbox, ...] = Field((), max_length=100, description="To: whoever gets each notice.")
    lists: dict[Severity, tuple[Mailbox, ...]] = Field(
        default_factory=dict, description="Whoever gets a notice of this severity or a worse one, beside `recipients`: `critical: [boss@example.com]`."
    )
    people: dict[Person, Mailbox] = Field(
        default_factory=dict, max_length=200, description="Addresses of those who are in schedules: who is on call gets the notice in which they are named."
    )
    cc: tuple[Mailbox, ...] = Field((), max_length=50, description="Who gets a copy.")
    subject: TemplateText = Field("$headline", max_length=300, description="Template of the subject: $headline, $project, $severity, $status, $count ….")
    body: TemplateText = Field("$text", max_length=20_000, description="Template of the text: $text is all that is known, $alerts is `alert` for each of them.")
    alert: AlertTemplate = Field("", max_length=10_000, description="Template of one alert: $title, $summary, $runbook, $link, $suggestion, $evidence ….")
    html: TemplateText = Field("", max_length=50_000, description="Template of the HTML; values are escaped. Empty: the text, with links to runbooks.")
    html_alert: AlertTemplate = Field("", max_length=20_000, description="Template of one alert in the HTML.")
    attach: tuple[Format, ...] = Field(
        (), max_length=2, description="Files: `json` has all of the notice with the evidence's ids, `csv` a line for each alert."
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.security == "none" and self.user:
            raise ValueError("security: a password is not sent without encryption; choose starttls or tls, or leave out `user`")
        if not self.recipients and not any(self.lists.values()):
            raise ValueError("recipients: expected at least one address, there or in `lists`")
        if len({*self.recipients, *self.cc, *(one for some in self.lists.values() for one in some)}) > _MOST_RECIPIENTS:
            raise ValueError(f"recipients: expected at most {_MOST_RECIPIENTS} addresses in all")
        return self


class Email:
    """One notice to one list."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        if not recipients_of(notice, self.settings):
            return f"nobody is told of what is {notice.severity}"
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
            code, said = min(error.recipients.values(), default=(550, b""))
            raise _failure(code, f"no recipient was taken by {settings.host}: {_said(code, said)}") from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, f"{settings.host} answered {_said(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"{settings.host} does not take mail now: {str(error).rstrip('.')}; check `port` and `security`", retry_after_s=0) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Refused(f"{settings.host} does not take mail now: {why(error)}", retry_after_s=0) from error
        finally:
            self.close()
        return f"taken by {settings.host}" + (f", but not for {', '.join(sorted(refused))}" if refused else "")


def message_of(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail of a notice."""
    body = filled(settings.body, settings.alert, notice)
    domain = parseaddr(settings.sender)[1].rpartition("@")[2]
    message = EmailMessage()
    message["Subject"] = " ".join(filled(settings.subject, "", notice).split())[:250]
    message["From"], message["To"] = settings.sender, ", ".join(recipients_of(notice, settings))
    if settings.cc:
        message["Cc"] = ", ".join(settings.cc)
    message["Date"] = formatdate(notice.created_ns / 1e9)
    message["Message-ID"] = f"<{notice.id}@{domain}>"
    message["References"] = f"<group-{notice.group}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Spyglass-Notice"] = notice.id
    message.set_content(body)
    told = filled(settings.html, settings.html_alert, notice, html.escape) if settings.html else html_of(body, notice)
    message.add_alternative(told, subtype="html")
    for file in attached(settings.attach, notice):
        message.add_attachment(file.content, maintype="text" if file.subtype == "csv" else "application", subtype=file.subtype, filename=file.name)
    return message


def recipients_of(notice: Notice, settings: Settings) -> list[str]:
    """Whom a notice goes to, each once: everybody, the lists of its severity, and whoever of `people` is on call."""
    rank = RANKS[notice.severity]
    lists = [one for severity, some in settings.lists.items() if RANKS[severity] <= rank for one in some]
    return list(dict.fromkeys([*settings.recipients, *lists, *(settings.people[name] for name in notice.to if name in settings.people)]))


def _said(code: int, text: bytes | str) -> str:
    """What a server answers, in one line."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())[:200]}".strip()


def _failure(code: int, text: str) -> InputError | Refused:
    """4xx is for later; 5xx about the mail itself is for ever, about who we are may be put right."""
    return InputError(text) if code in (550, 551, 552, 553, 554) else Refused(text, retry_after_s=0)


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Email(settings, context)


KIND: Final = ChannelKind("email", "1.1.0", "Mail over SMTP to lists of recipients.", Settings, _make)

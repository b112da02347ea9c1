"""E-mail by SMTP. Says nothing of what failed but a code: an answer of a server may quote what it was sent."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from gateway.use_cases.ports_queues import Letter, Posted

PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """One SMTP server. `security`: `starttls` (checked certificate), `tls` (from the first byte), `none` (a relay on the
    same machine)."""

    host: str
    port: int
    security: str
    sender: str
    user: str
    password: str
    seconds: float

    def send(self, letter: Letter) -> Posted:
        """One letter, in a connection of its own."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, letter.address, letter.subject
        message["Message-ID"] = f"<{letter.id}@mezhved.invalid>"  # of the alert: a repeat is recognised
        message["Auto-Submitted"] = "auto-generated"  # no answer of an absent colleague's mailbox, please (RFC 3834)
        message.set_content(letter.text, cte="base64")  # a server need not know 8BITMIME
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            return _failed(error)
        return Posted(True, "mail_sent")

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


def _failed(error: Exception) -> Posted:
    """A code for what went wrong, and whether another attempt is of no use."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return Posted(False, "mail_refused", final=all(code >= PERMANENT for code in codes))
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            return Posted(False, "mail_login_refused", final=True)
        case smtplib.SMTPResponseException():
            return Posted(False, "mail_refused", final=error.smtp_code >= PERMANENT)
        case ssl.SSLError():
            return Posted(False, "mail_certificate", final=True)
    # smtplib hides a time limit behind "unexpectedly closed"
    slow = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    return Posted(False, "mail_slow" if slow else "mail_unreachable")

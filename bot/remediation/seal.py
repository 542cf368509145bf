"""Signatures with PVO_APPROVAL_KEY: on requests, their messages, approvals, and the chain of the audit trail."""

import hashlib
import hmac
from dataclasses import dataclass, field

from bot.model.remediation import (
    Approval,
    AuditRow,
    Message,
    Permission,
    Remediation,
    Requested,
    Ticket,
    digest_of,
)


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs and checks; without a key nothing is signed and everything holds, and `signs` says so."""

    key: bytes | None = field(default=None, repr=False)

    @property
    def signs(self) -> bool:
        return bool(self.key)

    def sign_request(self, remediation: Remediation, request: Requested) -> Requested:
        return request.model_copy(update={"seal": self._sign(*_request_words(remediation, request))})

    def sign_message(self, remediation: Remediation, message: Message) -> Message:
        return message.model_copy(update={"seal": self._sign(*_message_words(remediation, message))})

    def sign_approval(self, remediation: Remediation, approval: Approval) -> Approval:
        return approval.model_copy(update={"seal": self._sign(*_approval_words(remediation, approval))})

    def holds(self, remediation: Remediation) -> bool:
        """Whether the record, its request, message and approvals were signed by a holder of the key."""
        request, message = remediation.request, remediation.message
        if not self.key:
            return True
        if not self.holds_record(remediation):
            return False
        if request is None or not self._fits(request.seal, *_request_words(remediation, request)):
            return False
        if message and not self._fits(message.seal, *_message_words(remediation, message)):
            return False
        return all(
            self._fits(approval.seal, *_approval_words(remediation, approval))
            for approval in remediation.approvals
        )

    def sign_record(self, remediation: Remediation) -> Remediation:
        return remediation.model_copy(update={"seal": self._sign(*_record_words(remediation))})

    def holds_record(self, remediation: Remediation) -> bool:
        """Whether all of it was written by a holder of the key, its state and its progress included."""
        return not self.key or self._fits(remediation.seal, *_record_words(remediation))

    def sign_ticket(self, ticket: Ticket) -> Ticket:
        return ticket.model_copy(update={"seal": self._sign(*_ticket_words(ticket))})

    def holds_ticket(self, ticket: Ticket) -> bool:
        """Whether the modal was opened by the app."""
        return not self.key or self._fits(ticket.seal, *_ticket_words(ticket))

    def sign_permission(self, answer: Permission) -> Permission:
        return answer.model_copy(update={"seal": self._sign(*_permission_words(answer))})

    def holds_permission(self, answer: Permission) -> bool:
        """Whether the app answered this."""
        return not self.key or self._fits(answer.seal, *_permission_words(answer))

    def hash_row(self, row: AuditRow) -> str:
        """What the next row must name as `previous`."""
        return self._sign("row", row.public()) if self.key else digest_of(row.public())

    def sign_anchor(self, previous: str) -> str:
        """Marks the hash at which the audit trail may begin, because older rows were dropped."""
        return self._sign("anchor", previous)

    def _sign(self, *words: object) -> str:
        if not self.key:
            return ""
        return hmac.new(self.key, digest_of(words).encode(), hashlib.sha256).hexdigest()

    def _fits(self, seal: str, *words: object) -> bool:
        return hmac.compare_digest(seal.encode(), self._sign(*words).encode())


def _request_words(remediation: Remediation, request: Requested) -> tuple[object, ...]:
    proposal = remediation.proposal.model_dump(mode="json")
    return ("request", remediation.id, proposal, request.model_dump(mode="json", exclude={"seal"}))


def _record_words(remediation: Remediation) -> tuple[object, ...]:
    return ("record", remediation.model_dump(mode="json", exclude={"seal", "version"}))


def _ticket_words(ticket: Ticket) -> tuple[object, ...]:
    return ("ticket", ticket.model_dump(mode="json", exclude={"seal"}))


def _permission_words(answer: Permission) -> tuple[object, ...]:
    return ("permission", answer.model_dump(mode="json", exclude={"seal"}))


def _message_words(remediation: Remediation, message: Message) -> tuple[object, ...]:
    return ("message", remediation.id, message.channel, message.ts)


def _approval_words(remediation: Remediation, approval: Approval) -> tuple[object, ...]:
    requester = remediation.request.user if remediation.request else None
    return ("approval", remediation.id, requester, approval.model_dump(mode="json", exclude={"seal"}))

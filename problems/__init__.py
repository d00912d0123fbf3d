"""What can go wrong, as one tree of exceptions.

    Problem
    ├── ParsingError                  vc-data-model#PARSING_ERROR
    ├── MalformedValueError           vc-data-model#MALFORMED_VALUE_ERROR
    ├── RangeError                    vc-data-model#RANGE_ERROR
    ├── CryptographicSecurityError    vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR
    ├── ProofGenerationError          security#PROOF_GENERATION_ERROR
    ├── ProofTransformationError      security#PROOF_TRANSFORMATION_ERROR
    │   ├── DataLossError             security#DATA_LOSS_DETECTION_ERROR
    │   └── WorkBudgetError           urn:passeport:problem:work-budget
    ├── ProofVerificationError        security#PROOF_VERIFICATION_ERROR
    │   ├── InvalidDomainError        security#INVALID_DOMAIN_ERROR
    │   └── InvalidChallengeError     security#INVALID_CHALLENGE_ERROR
    ├── StatusRetrievalError          status-list#STATUS_RETRIEVAL_ERROR      (transient)
    ├── StatusVerificationError       status-list#STATUS_VERIFICATION_ERROR
    ├── StatusListLengthError         status-list#STATUS_LIST_LENGTH_ERROR
    ├── RetrievalError                urn:passeport:problem:retrieval         (transient)
    ├── LimitError                    urn:passeport:problem:limit
    ├── NotFoundError                 urn:passeport:problem:not-found
    ├── ConflictError                 urn:passeport:problem:conflict
    ├── SecretError                   urn:passeport:problem:secret
    ├── AuthenticationError           urn:passeport:problem:authentication
    ├── AccessError                   urn:passeport:problem:access
    ├── GoneError                     urn:passeport:problem:gone
    ├── RateError                     urn:passeport:problem:rate              (transient)
    ├── UnavailableError              urn:passeport:problem:unavailable       (transient)
    ├── ProtocolError                 urn:passeport:problem:protocol
    └── InputError                    urn:passeport:problem:input

The class says which kind of thing happened, in the words of the specifications; the *code*
(``json.duplicate_name``) says exactly what, and names the sentences of :mod:`problems.sentences`.
Facts given to a problem end up in messages and reports: never a secret, never personal data.
"""

from collections.abc import Mapping
from typing import ClassVar

from problems.sentences import Fact, Lang, Sentence, say

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_DI = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
_OURS = "urn:passeport:problem:"


class Problem(Exception):
    """Base of every error this project raises on purpose."""

    type: ClassVar[str] = "about:blank"
    status: ClassVar[int] = 400
    transient: ClassVar[bool] = False
    """True when a later try may succeed: the outcome is then "unknown", not "failed"."""

    def __init__(self, code: str, /, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def says(self, lang: Lang = "fr") -> Sentence:
        """Return what happened and what to do next, in the reader's language."""
        return say(self.code, lang, **self.facts)

    def details(self, lang: Lang = "en") -> dict[str, Fact]:
        """Return RFC 9457 problem details, with our code and the next step as extension members."""
        sentence = self.says(lang)
        return {
            "type": self.type,
            "title": self.type.rpartition("#")[2] or self.type,
            "status": self.status,
            "detail": sentence.what,
            "code": self.code,
            "nextStep": sentence.next_step,
            **{name: fact for name, fact in self.facts.items() if name not in _RESERVED},
        }

    def __str__(self) -> str:
        return f"{self.code}: {self.says('en').what}"


_RESERVED = frozenset({"type", "title", "status", "detail", "code", "nextStep", "instance"})


class ParsingError(Problem):
    type = _VCDM + "PARSING_ERROR"


class MalformedValueError(Problem):
    type = _VCDM + "MALFORMED_VALUE_ERROR"


class RangeError(Problem):
    type = _VCDM + "RANGE_ERROR"


class CryptographicSecurityError(Problem):
    type = _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR"


class ProofGenerationError(Problem):
    type = _DI + "PROOF_GENERATION_ERROR"


class ProofTransformationError(Problem):
    type = _DI + "PROOF_TRANSFORMATION_ERROR"


class DataLossError(ProofTransformationError):
    """JSON-LD would silently drop something, so the signature would not cover it."""

    type = _DI + "DATA_LOSS_DETECTION_ERROR"


class WorkBudgetError(ProofTransformationError):
    """The document asks for more work than an honest one ever does."""

    type = _OURS + "work-budget"


class ProofVerificationError(Problem):
    type = _DI + "PROOF_VERIFICATION_ERROR"


class InvalidDomainError(ProofVerificationError):
    type = _DI + "INVALID_DOMAIN_ERROR"


class InvalidChallengeError(ProofVerificationError):
    type = _DI + "INVALID_CHALLENGE_ERROR"


class StatusRetrievalError(Problem):
    type = _STATUS + "STATUS_RETRIEVAL_ERROR"
    status = 502
    transient = True


class StatusVerificationError(Problem):
    type = _STATUS + "STATUS_VERIFICATION_ERROR"


class StatusListLengthError(Problem):
    type = _STATUS + "STATUS_LIST_LENGTH_ERROR"


class RetrievalError(Problem):
    """Something to be fetched did not come; it may come later."""

    type = _OURS + "retrieval"
    status = 502
    transient = True


class LimitError(Problem):
    """An input is larger than any honest one."""

    type = _OURS + "limit"
    status = 413


class NotFoundError(Problem):
    type = _OURS + "not-found"
    status = 404


class ConflictError(Problem):
    type = _OURS + "conflict"
    status = 409


class SecretError(Problem):
    """A passphrase, PIN or recovery code is missing or wrong."""

    type = _OURS + "secret"
    status = 403


class AuthenticationError(Problem):
    """Nobody, or nobody known, is asking."""

    type = _OURS + "authentication"
    status = 401


class AccessError(Problem):
    """Whoever is asking is known and may not."""

    type = _OURS + "access"
    status = 403


class GoneError(Problem):
    """It was here, and its time is over."""

    type = _OURS + "gone"
    status = 410


class RateError(Problem):
    """Too much was asked in too short a time."""

    type = _OURS + "rate"
    status = 429
    transient = True


class UnavailableError(Problem):
    """The service cannot do this now."""

    type = _OURS + "unavailable"
    status = 503
    transient = True


class ProtocolError(Problem):
    """A refusal that OAuth 2.0 or an OpenID specification names.

    ``error`` is their word (``invalid_grant``), the code ours: it says exactly what. ``headers`` are those
    that the refusal must carry, such as a nonce to try again with.
    """

    type = _OURS + "protocol"

    def __init__(
        self,
        code: str,
        /,
        *,
        error: str,
        answer: int = 400,
        headers: Mapping[str, str] | None = None,
        **facts: Fact,
    ) -> None:
        super().__init__(code, **facts)
        self.error = error
        self.answer = answer
        self.headers = headers or {}


class InputError(Problem):
    """A command or a file from its user cannot be used as it is."""

    type = _OURS + "input"

"""What a person approved: kept beside the code that goes back to their wallet."""

from dataclasses import dataclass

from boundary.shape import a_text, an_object, texts
from boundary.strict_json import Json
from exchange.oauth import authorization
from exchange.oauth.authorization import AuthorizationRequest


@dataclass(frozen=True)
class Approved:
    """``grant`` is the name that the right will have once the code is redeemed, so that what came of a code
    can be ended whenever the code comes back."""

    organisation: str
    offer: str
    grant: str
    configurations: tuple[str, ...]
    request: AuthorizationRequest

    @property
    def identified(self) -> bool:
        return self.request.wanted is not None

    def document(self) -> Json:
        return {
            "organisation": self.organisation,
            "offer": self.offer,
            "grant": self.grant,
            "configurations": [*self.configurations],
            "request": {**self.request.form()},
        }

    @classmethod
    def read(cls, document: Json) -> "Approved | None":
        if not document:
            return None
        return cls(
            a_text(document.get("organisation"), "organisation"),
            a_text(document.get("offer"), "offer"),
            a_text(document.get("grant"), "grant"),
            tuple(texts(document.get("configurations"), "configurations")),
            read_request(an_object(document.get("request"), "request")),
        )


def read_request(form: Json) -> AuthorizationRequest:
    """Return a request that was kept as its form."""
    return authorization.read_request({name: a_text(value, name) for name, value in form.items()})

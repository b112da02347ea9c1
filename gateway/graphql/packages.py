"""The part of the schema about packages: a message as one sealed file for a recipient without API, and its receipt codes."""

from __future__ import annotations

from datetime import datetime

import strawberry
from strawberry.types import Info

from gateway.graphql import types as nodes
from gateway.graphql.context import Context
from gateway.graphql.generated import LocalDate
from gateway.partner.package_codes import shown
from gateway.use_cases.make_package import make_package
from gateway.use_cases.package_port import PackageOnFile
from gateway.use_cases.read_packages import read_packages
from gateway.use_cases.receive_package_receipt import receive_package_receipt
from gateway.use_cases.tell_package_code import tell_package_code
from schemas.ids import MessageId

SEND = "messages.send"


@strawberry.type(
    description="A code that was typed back: `outcome` is the event with its reasons, `toldOn` the day by the clock of who"
    " opened the package."
)
class PackageReceiptNode:
    outcome: str
    told_on: LocalDate
    typed_at: datetime


@strawberry.type(description="A package that was made of a message of yours. The file itself is kept nowhere.")
class PackageNode:
    id: strawberry.ID
    message: strawberry.ID
    made_at: datetime
    entry_id: strawberry.ID
    sealed_sha256: str
    outcomes: list[str]
    receipts: list[PackageReceiptNode]


@strawberry.type(
    description="A package, once: the file (HTML that opens without a server), its name, and the opening code, which goes to"
    " the recipient by another way than the file."
)
class MadePackageNode:
    package: PackageNode
    file_name: str
    file: str
    code: str
    key_fingerprint: str
    recipient_has_access: bool


@strawberry.type(
    description="What a code said. `again`: it had been typed before. `withdrawn`: the message was taken back meanwhile, so the"
    " recall must reach its recipient the same way."
)
class PackageReceivedNode:
    message: nodes.MessageNode
    package: strawberry.ID
    outcome: str
    told_on: LocalDate
    again: bool
    withdrawn: bool


@strawberry.type
class PackageQuery:
    """Packages of one's own messages."""

    @strawberry.field(description="The packages of a message that you sent, oldest first.")
    def packages(self, info: Info[Context, None], message: strawberry.ID) -> list[PackageNode]:
        context = info.context
        context.need(SEND)
        known = read_packages(context.house, context.requester, MessageId(message), context.now)
        return [_node(package) for package in known.packages]


@strawberry.type
class PackageMutation:
    """Making packages, telling their codes, taking their receipts."""

    @strawberry.mutation(
        description="Seal a message that you sent into one file for its recipient. What it may read is ruled now, as when it"
        " opens the message; what is withheld is not in the file."
    )
    def make_package(self, info: Info[Context, None], message: strawberry.ID) -> MadePackageNode:
        context = info.context
        context.need(SEND)
        made = make_package(context.house, context.requester, MessageId(message), context.now)
        assert made.code is not None
        return MadePackageNode(
            package=_node(made.package),
            file_name=made.name,
            file=made.file.decode(),
            code=shown(made.code),
            key_fingerprint=context.house.log_key.verifier().fingerprint,
            recipient_has_access=made.recipient_has_access,
        )

    @strawberry.mutation(
        description="The opening code of a package once more. The rules are asked again; where they open something else to the"
        " recipient by now, the code is not told. After the first receipt it is kept no more."
    )
    def tell_package_code(self, info: Info[Context, None], message: strawberry.ID, package: strawberry.ID) -> str:
        context = info.context
        context.need(SEND)
        return shown(tell_package_code(context.house, context.requester, MessageId(message), package, context.now))

    @strawberry.mutation(
        description="Type a receipt code back, as the recipient told it. `words` and `statute` are what it said with it."
    )
    def receive_package_receipt(
        self,
        info: Info[Context, None],
        message: strawberry.ID,
        code: str,
        words: str | None = None,
        statute: str | None = None,
    ) -> PackageReceivedNode:
        context = info.context
        context.need(SEND)
        received = receive_package_receipt(
            context.house,
            context.requester,
            MessageId(message),
            code,
            context.now,
            words=words,
            statute=statute,
        )
        return PackageReceivedNode(
            message=nodes.message_node(context.house, context.requester, received.message, context.directory()),
            package=strawberry.ID(received.package_id),
            outcome=received.outcome,
            told_on=LocalDate(received.told_on.isoformat()),
            again=received.again,
            withdrawn=received.withdrawn,
        )


def _node(package: PackageOnFile) -> PackageNode:
    return PackageNode(
        id=strawberry.ID(package.id),
        message=strawberry.ID(package.message_id),
        made_at=package.made_at,
        entry_id=strawberry.ID(package.entry_id),
        sealed_sha256=package.sealed_sha256,
        outcomes=list(package.outcomes),
        receipts=[
            PackageReceiptNode(
                outcome=receipt.outcome,
                told_on=LocalDate(receipt.told_on.isoformat()),
                typed_at=receipt.typed_at,
            )
            for receipt in package.receipts
        ],
    )

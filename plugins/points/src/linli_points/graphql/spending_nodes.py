"""The node types of rewards, pools, redemptions and transfers, declared over the plugin's tables."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import (
    Amount,
    Area,
    Connection,
    GraphQLRequest,
    LedgerAccount,
    Node,
    Organisation,
    Person,
    column,
    computed,
    many,
    node,
    one,
)
from linli_points import tables, vouchers
from linli_points.graphql.enums import (
    RedemptionState,
    RewardKind,
    RewardState,
    TransferPurpose,
    TransferState,
)
from linli_points.graphql.nodes import PointsParticipant


@node(
    tables.Reward,
    plural="points_rewards",
    permission="points.reward.read",
    filters=("kind", "provider"),
    order_by=("points",),
)
class PointsReward(Node):
    """What points can be exchanged for, in an area and all below it."""

    name: str = column("What it is called.")
    description: str = column("What it is.")
    kind: RewardKind = column("Service, goods, honour or incentive.")
    points: Amount = column("How many points one takes.")
    value_fen: Amount = column("What one costs the pool, in fen.")
    stock: int | None = column("How many are left; null without a limit.")
    offered_until: date | None = column("The last day on which it can be redeemed.")
    state: RewardState = column("Whether it can be redeemed.")
    area: Area | None = one("area_id", "Where it is offered, with all below; null is the whole tenant.")
    provider: Organisation | None = one("provider_id", "The unit that hands it out.")


@node(
    tables.Pool,
    plural="points_pools",
    permission="points.pool.read",
    filters=("year",),
)
class PointsPool(Node):
    """The money of a year with which an area and all below it pays for rewards."""

    year: int = column("For which year.")
    residents: Amount = column("How many permanent residents it was made from.")
    residents_as_of: date = column("On which day they were counted.")
    source: str = column("Who says how many there are.")
    rate_fen: Amount = column("Fen for each permanent resident.")
    budget_fen: Amount = column("Residents by rate, with what was added or taken back since, in fen.")
    area: Area | None = one("area_id", "Whose it is; null is the whole tenant.")
    account: LedgerAccount | None = one("account_id", "Its money in the ledger: ask ledgerBalance for it.")
    redemptions: Connection[PointsRedemption] = many("pool_id", "What it paid, or holds money, for.")


@node(
    tables.Redemption,
    plural="points_redemptions",
    permission="points.redemption.read",
    own_column="person_id",
    filters=("state", "number", "participant", "reward", "person", "pool"),
    order_by=("reserved_at",),
    group_by=("state", "area", "reserved_at"),
    sums=("points", "value_fen", "quantity"),
)
class PointsRedemption(Node):
    """A participant's points for a reward: set aside, vouched for, handed out."""

    number: str = column("The voucher's number, which is good once it is issued.")
    state: RedemptionState = column("Where it stands.")
    quantity: int = column("How many.")
    points: Amount = column("What they take of the participant.")
    value_fen: Amount = column("What they cost the pool, in fen.")
    reserved_at: datetime = column("When it was requested.")
    expires_at: datetime = column("When the voucher ceases to be good.")
    issued_at: datetime | None = column("When the voucher became good.")
    fulfilled_at: datetime | None = column("When the reward was handed out.")
    ended_at: datetime | None = column("When it was cancelled, or lapsed.")
    end_reason: str = column("Why it was cancelled; empty when it was not.")
    participant: PointsParticipant | None = one("participant_id", "Whose points they are.")
    person: Person | None = one("person_id", "The participant, or the member who acted for a household.")
    reward: PointsReward | None = one("reward_id", "The reward.")
    pool: PointsPool | None = one("pool_id", "What pays for it; null when it costs nothing.")

    @computed
    async def verification_path(self, request: GraphQLRequest) -> str:
        """The path of the public page that tells whether the voucher is good."""
        return vouchers.path_of(request.viewer, self.number)

    @computed
    async def qr_path(self, request: GraphQLRequest) -> str:
        """The path of the voucher's QR code, an SVG picture."""
        return f"{vouchers.path_of(request.viewer, self.number)}/qr.svg"


@node(
    tables.Transfer,
    plural="points_transfers",
    permission="points.transfer.read",
    own_column="person_id",
    filters=("state", "giver", "receiver", "person"),
    order_by=("offered_at",),
    group_by=("state", "purpose", "area", "offered_at"),
    sums=("points",),
)
class PointsTransfer(Node):
    """Points given within a household or to a charity."""

    purpose: TransferPurpose = column("Within a household, or to a charity.")
    points: Amount = column("How many.")
    state: TransferState = column("Where it stands.")
    offered_at: datetime = column("When they were offered.")
    accepted_at: datetime | None = column("When the receiver took them.")
    due_at: datetime | None = column("When the cooling-off is over.")
    posted_at: datetime | None = column("When they moved.")
    ended_at: datetime | None = column("When it was declined or cancelled.")
    end_reason: str = column("Why; empty when no reason was given.")
    giver: PointsParticipant | None = one("from_participant_id", "Who gives.")
    receiver: PointsParticipant | None = one("to_participant_id", "Who receives.")
    person: Person | None = one("person_id", "The giver, or the member who gives for a household.")


SPENDING_NODES = (PointsReward, PointsPool, PointsRedemption, PointsTransfer)

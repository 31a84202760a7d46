"""What customers of an outdoor shop ask, what its tools know, and what its support desk answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ARTICLES", "CASES", "Case", "Step", "Turn"]


@dataclass(frozen=True, slots=True)
class Step:
    """A tool that is used: what it is asked, what it answers, how long it takes, and how it fails first."""

    tool: str
    arguments: dict[str, Any]
    result: Any
    took_s: tuple[float, float] = (0.08, 0.5)
    fails: tuple[str, str] | None = None  # type and message; then it is tried again


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a customer and what follows."""

    asked: str
    answer: str
    desk: str = "orders"  # who takes it: orders, returns or billing
    steps: tuple[Step, ...] = ()
    looks_up: str = ""  # what is looked for in the help centre
    stopped: str = ""  # why the guardrail stops the answer; then it is said more carefully
    careful: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation."""

    subject: str
    turns: tuple[Turn, ...]
    score: float
    why: str


ARTICLES: Final = {
    "delivery": (
        "help-014",
        "Parcels leave our warehouse within one working day. Standard delivery takes two to four days, express one. Islands and mountain huts take longer.",
    ),
    "customs": ("help-021", "For addresses outside the customs union the carrier collects duties at the door. We cannot pay them in advance."),
    "returns": (
        "help-031",
        "Unused goods can be sent back within 60 days. The label is in your account; the refund follows two days after the parcel has arrived.",
    ),
    "exchange": (
        "help-033",
        "For another size, order the new one and send the old one back: it is faster than an exchange, and we waive the second delivery fee.",
    ),
    "warranty": (
        "help-040",
        "Tents, packs and stoves have a warranty of three years against faults of material and making. Wear, moths and campfires are not covered.",
    ),
    "repair": ("help-042", "Our workshop patches fabric, replaces zips and re-proofs shells. Repairs within the warranty are free; others are quoted first."),
    "invoices": ("help-052", "Invoices are in your account under Orders. A company name or tax number can be added until the order has been shipped."),
    "payments": (
        "help-055",
        "A payment that is shown twice is mostly a reservation, which your bank lets go within five days. Only what is marked as booked was paid.",
    ),
    "gift": ("help-060", "Gift cards are valid for five years and can be used in parts. A lost card can be blocked with its order number."),
    "layers": ("help-071", "Three layers: wool next to the skin, fleece or down above, a shell against wind and rain. Take one layer off before you sweat."),
}

CASES: Final = (
    Case(
        "Where is my tent?",
        (
            Turn(
                "Hello, I ordered a Ridgeline 2 tent last week, number HP-20418, and it still hasn't come. We leave for the Dolomites "
                "on Friday. Can you see where it is?",
                "Your tent is on its way: the carrier has had it in the depot at Innsbruck since this morning and plans to deliver it "
                "on Wednesday before noon. "
                "That is two days before you leave. You will get a message with a one-hour window on the evening before.",
                steps=(
                    Step(
                        "find_order",
                        {"order": "HP-20418"},
                        {"order": "HP-20418", "status": "shipped", "items": ["Ridgeline 2 tent, moss"], "parcel": "PX88120417"},
                    ),
                    Step(
                        "track_parcel",
                        {"parcel": "PX88120417"},
                        {"status": "in depot", "place": "Innsbruck", "expected": "Wednesday 10:00-12:00"},
                        (0.6, 1.8),
                        ("TimeoutError", "carrier API: no answer within 5 s"),
                    ),
                ),
                looks_up="delivery",
            ),
            Turn(
                "Good. We are at work on Wednesday, though. Can it go to a shop near us instead?",
                "Done: the parcel now goes to the bakery Sonnleitner, Dorfstraße 12, 300 metres from you and open until 18:30. Please bring an ID. "
                "It can be picked up from Wednesday 13:00 and stays there for seven days.",
                steps=(
                    Step(
                        "find_pickup_points",
                        {"near": "the delivery address", "limit": 3},
                        [
                            {"name": "Bakery Sonnleitner", "distance_m": 300, "closes": "18:30"},
                            {"name": "Kiosk am Bahnhof", "distance_m": 900, "closes": "20:00"},
                        ],
                    ),
                    Step(
                        "redirect_parcel",
                        {"parcel": "PX88120417", "to": "Bakery Sonnleitner"},
                        {"accepted": True, "available_from": "Wednesday 13:00"},
                        (0.5, 1.4),
                    ),
                ),
            ),
            Turn("Perfect, thank you!", "You're welcome. Have a dry week in the Dolomites!"),
        ),
        0.94,
        "Finds the parcel in spite of a failing tool, says when and where, and solves the second question completely.",
    ),
    Case(
        "Boots too small",
        (
            Turn(
                "The Scree boots I got in 42 are too small, I need 43. I wore them once around the flat. Is that still an exchange?",
                "Worn indoors is fine as long as the soles are clean. There are six pairs in 43 left. Order the 43 now, I have put a "
                "code for free delivery into your "
                "account, and send the 42 back with the label below it; the money for them comes two days after they arrive.",
                "returns",
                (
                    Step(
                        "find_order",
                        {"customer": "this customer", "item": "Scree boots"},
                        {"order": "HP-20377", "item": "Scree boots, 42", "delivered": "9 days ago"},
                    ),
                    Step("check_stock", {"item": "Scree boots", "size": "43"}, {"available": 6, "warehouse": "Graz"}),
                    Step("create_voucher", {"kind": "free delivery", "order": "HP-20377"}, {"code": "SECOND-TRY", "valid_days": 14}),
                ),
                "exchange",
            ),
            Turn(
                "And if the 43 are too big? My left foot is a bit smaller.",
                "Then take the 43 with a thin insole on the left; we can add a pair of 3 mm cork insoles to the same parcel for 9 €. "
                "If that does not help either, "
                "both sizes can go back within 60 days.",
                "returns",
                looks_up="returns",
            ),
        ),
        0.88,
        "Correct rule, stock and next step; the insole is a helpful idea.",
    ),
    Case(
        "Charged twice",
        (
            Turn(
                "You took 249 € twice for order HP-20455! Please give me my money back at once.",
                "I understand that this is alarming. We charged 249 € once, booked yesterday at 14:02. The second line is a "
                "reservation from a first attempt that your bank "
                "declined; we told the bank to let it go a moment ago. It disappears within five days, and nothing was paid for it.",
                "billing",
                (
                    Step("find_order", {"order": "HP-20455"}, {"order": "HP-20455", "total": 249.0, "currency": "EUR", "status": "paid"}),
                    Step(
                        "list_payments",
                        {"order": "HP-20455"},
                        [{"id": "pay_71", "amount": 249.0, "state": "declined", "reserved": True}, {"id": "pay_72", "amount": 249.0, "state": "booked"}],
                        (0.3, 0.9),
                    ),
                    Step("release_reservation", {"payment": "pay_71"}, {"released": True}, (0.4, 1.1), ("ConnectionError", "payments: 502 Bad Gateway")),
                ),
                "payments",
                "names a payment id of an inner system",
                "I understand that this is alarming. We charged 249 € once, yesterday at 14:02. The second line is a reservation from "
                "a first attempt that your bank declined; "
                "we have just told the bank to let it go. It disappears within five days, and nothing was paid for it.",
            ),
            Turn(
                "OK. Can I have an invoice in the name of my company, too?",
                "Yes: the order has not been shipped yet, so the invoice can still be changed. Please tell me the company's full name, "
                "address and tax number, and it is in your "
                "account a minute later.",
                "billing",
                looks_up="invoices",
            ),
        ),
        0.81,
        "Right and calm; the guardrail had to take an inner number out of the first draft.",
    ),
    Case(
        "Stove does not light",
        (
            Turn(
                "My Ember stove clicks but doesn't light any more, after one season. Is this covered?",
                "It is: the piezo igniter is a known weak part of the first series and covered for three years. I have ordered a free "
                "igniter for you; it fits with one screw, "
                "and there is a two-minute film behind the code on the bag. Until then a match works as well.",
                "returns",
                (
                    Step(
                        "find_order",
                        {"customer": "this customer", "item": "Ember stove"},
                        {"order": "HP-17102", "item": "Ember stove, series 1", "bought": "14 months ago"},
                    ),
                    Step("order_spare_part", {"part": "igniter E1", "order": "HP-17102", "price": 0}, {"ordered": True, "ships": "tomorrow"}),
                ),
                "warranty",
            ),
        ),
        0.97,
        "Knows the fault, covers it, and gives a way to cook tonight.",
    ),
    Case(
        "Parcel to Norway",
        (
            Turn(
                "Do you ship to Tromsø, and what does customs cost?",
                "We do: six to eight days by land, for 19 €. Norway is outside the customs union, so the carrier collects 25 % VAT and "
                "a handling fee of about 15 € at the door; "
                "we cannot pay that in advance.",
                steps=(Step("quote_delivery", {"country": "NO", "city": "Tromsø", "weight_kg": 2.4}, {"price": 19.0, "days": "6-8"}),),
                looks_up="customs",
            ),
            Turn(
                "Hm. And to my friend in Kiruna, on the Swedish side?",
                "That is the better way: Sweden is inside, so no duties at all. Five days and 12 €. Just enter your friend's address; "
                "the bill can still go to yours.",
                steps=(Step("quote_delivery", {"country": "SE", "city": "Kiruna", "weight_kg": 2.4}, {"price": 12.0, "days": "5"}),),
                looks_up="customs",
            ),
        ),
        0.9,
        "Both answers are right, and the second saves the customer money.",
    ),
    Case(
        "Lost gift card",
        (
            Turn(
                "I lost the gift card my aunt gave me for my birthday. Is the money gone?",
                "It isn't: with your aunt's order number we block the lost card and send you a new one with what is left on it. Could "
                "you ask her for it? It begins with HP and is in "
                "the mail that she got from us.",
                "billing",
                looks_up="gift",
            ),
            Turn(
                "She says HP-19960.",
                "Found it. The old card is blocked, nothing had been spent, and the new one over 80 € is on its way to your address. "
                "It is valid for five years.",
                "billing",
                (
                    Step("find_order", {"order": "HP-19960"}, {"order": "HP-19960", "item": "gift card 80 €", "spent": 0}),
                    Step("block_gift_card", {"order": "HP-19960"}, {"blocked": True}),
                    Step("send_gift_card", {"amount": 80, "to": "this customer"}, {"sent": True}, (0.4, 1.2)),
                ),
            ),
        ),
        0.92,
        "Two turns, solved; asks only for what it needs.",
    ),
    Case(
        "What to wear in Iceland",
        (
            Turn(
                "We hike the Laugavegur in September. What should I wear?",
                "Think in layers: a wool shirt and leggings next to the skin, a fleece, a light down jacket for the huts, and a shell "
                "that stands storm, jacket and trousers. September "
                "there means 3 to 10 °C, wind and rain from the side. Gaiters and a second pair of gloves are what people miss most. "
                "Shall I check what we have in your size?",
                looks_up="layers",
            ),
            Turn(
                "Yes please, size M, and nothing over 300 € for the shell.",
                "In M we have the Squall shell jacket for 259 € (three layers, 480 g) and the trousers for 179 €. The Drift for 189 € "
                "is lighter, but I would not take it into that wind. "
                "Gaiters are 49 €. Everything can be with you on Thursday.",
                steps=(
                    Step(
                        "search_catalogue",
                        {"query": "shell jacket three layers", "size": "M", "most_eur": 300},
                        [{"item": "Squall jacket", "price": 259}, {"item": "Drift jacket", "price": 189}],
                        (0.2, 0.8),
                    ),
                    Step("check_stock", {"item": "Squall jacket", "size": "M"}, {"available": 11}),
                    Step("check_stock", {"item": "Squall trousers", "size": "M"}, {"available": 4}),
                ),
            ),
        ),
        0.86,
        "Good advice with reasons; could have asked about boots.",
    ),
    Case(
        "Torn jacket",
        (
            Turn(
                "A barbed wire fence tore a hand-long hole into my shell. Can this be repaired, and is it free?",
                "It can be repaired: our workshop sets a patch from the inside and tapes it, after which it is as tight as before. A "
                "fence is not a fault of the jacket, so it isn't free: "
                "45 €, and about ten days. Shall I send you a label?",
                "returns",
                (
                    Step(
                        "quote_repair", {"item": "shell jacket", "damage": "tear, 15 cm"}, {"price": 45, "days": 10, "method": "inner patch, taped"}, (0.3, 0.9)
                    ),
                ),
                "repair",
            ),
        ),
        0.84,
        "Honest about the price; the offer is clear.",
    ),
)

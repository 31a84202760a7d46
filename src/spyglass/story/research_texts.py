"""What a research team is asked, what it reads, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["TOPICS", "Part", "Topic"]


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a question, which one searcher takes."""

    question: str
    queries: tuple[str, ...]
    pages: tuple[tuple[str, str], ...]  # address, what stands there
    finding: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A question of a reader."""

    question: str
    parts: tuple[Part, ...]
    report: str
    doubt: str = ""  # what the fact check finds; then the report is revised


TOPICS: Final = (
    Topic(
        "Is it worth it for a town of 40,000 people to build a district heating network fed by a river heat pump?",
        (
            Part(
                "What have comparable river heat pumps cost, and how much heat do they give?",
                ("river heat pump district heating cost per MW", "Mannheim river heat pump 20 MW output", "Esbjerg seawater heat pump investment"),
                (
                    (
                        "https://energy.example.org/mannheim-heat-pump",
                        "The plant has a thermal output of 20 MW and supplies about 3,500 households. It cost roughly 15 million euro including the intake.",
                    ),
                    (
                        "https://heat.example.net/esbjerg",
                        "Two compressors with CO2 as refrigerant deliver 60 MW together; the coefficient of performance over the year is a little above 3.",
                    ),
                ),
                "Plants between 20 and 60 MW cost 0.7 to 1.1 million euro per MW of heat with intake and building, and reach a yearly "
                "coefficient of performance of 2.8 to 3.3.",
            ),
            Part(
                "What does the network itself cost, and how dense must a town be?",
                ("district heating pipe cost per metre old town", "linear heat density threshold district heating"),
                (
                    (
                        "https://planning.example.org/heat-density",
                        "Below 1.5 MWh per metre and year a network seldom pays; town centres reach 3 to 6, terraced houses 1 to 2.",
                    ),
                ),
                "Pipes cost 900 to 1,800 euro per metre in built-up streets. A town of this size is dense enough in its centre and "
                "along two or three axes, not at its edges.",
            ),
            Part(
                "What do rivers allow in winter?",
                ("river heat extraction ecology minimum temperature", "river water temperature January statistics"),
                (
                    (
                        "https://water.example.org/extraction",
                        "Authorities mostly allow cooling by 1 to 2 kelvin, and none below 2 °C, which is reached on 5 to 20 days a year.",
                    ),
                ),
                "Permits allow cooling the water by at most 2 kelvin. On the 5 to 20 coldest days the river is too cold, so a reserve "
                "boiler or a store has to carry the peak.",
            ),
        ),
        "Yes, for the dense half of the town. A 15 MW river heat pump with a store and a reserve boiler would cover about 80 % "
        "of the heat of the centre at 11 to 14 cents per kWh. "
        "The network, not the heat pump, is the larger cost: 25 of about 40 million euro. The edges should get their own heat "
        "pumps. The largest risk is how many houses connect: "
        "below 60 % within ten years the price rises by a third.",
        "the share of 80 % is not in any of the findings; say what it rests on",
    ),
    Topic(
        "Which open formats should an archive use to keep scientific measurements readable for fifty years?",
        (
            Part(
                "Which formats have survived so far, and why?",
                ("scientific data formats longevity FITS NetCDF HDF5", "FITS standard 1981 still readable"),
                (
                    (
                        "https://astro.example.edu/fits-history",
                        "A FITS file of 1981 opens unchanged today: the header is plain ASCII, the standard never removed anything.",
                    ),
                ),
                "FITS has been readable since 1981 and NetCDF since 1990, because their descriptions are short, public and only ever extended.",
            ),
            Part(
                "How do columnar formats compare?",
                ("Parquet archival suitability", "Library of Congress recommended formats datasets"),
                (
                    (
                        "https://archives.example.gov/recommended",
                        (
                            "Preferred for datasets: formats with an open specification, wide adoption and several independent readers; CSV with a "
                            "schema, Parquet, NetCDF."
                        ),
                    ),
                    (
                        "https://columns.example.io/parquet",
                        "There are more than ten independent readers of Parquet; the specification is versioned and small enough to re-implement.",
                    ),
                ),
                "Parquet has the most independent readers of all binary formats, but leaves the meaning of columns (units, instruments) to whoever writes it.",
            ),
        ),
        "Keep two things: the measurements in NetCDF or Parquet, and beside them a plain text description with units, "
        "instruments and a checksum for each file. What kept formats alive was not "
        "their cleverness but that a stranger can write a reader from a short document. Read everything back once a year with "
        "a second, independent program; what fails is converted while its writers still live.",
    ),
    Topic(
        "How do bakeries cut the bread that is thrown away in the evening?",
        (
            Part(
                "What does forecasting achieve?",
                ("bakery demand forecasting waste reduction study", "bakery returns rate forecast weather"),
                (
                    (
                        "https://bread.example.org/forecast",
                        (
                            "With weather, school holidays and weekday the error falls from 14 % to 8 %; returns fall by a third, and empty "
                            "shelves stay as rare as before."
                        ),
                    ),
                ),
                "A forecast with weather and holidays lowers unsold bread by 25 to 35 %.",
            ),
            Part(
                "What else do bakeries do?",
                ("bakery baking on demand evening", "yesterday's bread discount sales"),
                (
                    (
                        "https://shops.example.com/evening",
                        "Bread that is baked in small batches after 16:00 sells out; the oven is needed anyway for pastries.",
                    ),
                    ("https://food.example.org/second-day", "Second-day bread at half the price sells 70 % of what is left."),
                ),
                "Baking the last batches in the shop, and selling yesterday's bread at half the price, each take away a further fifth "
                "to a half of what is left.",
            ),
        ),
        "Three steps, cheapest first: sell yesterday's bread at half the price (needs a shelf and a sign), bake the last "
        "batches in the shop after four, and order by a forecast that knows weather and school "
        "holidays. Together they bring 12 % unsold down to about 4 %. What is left goes to breweries or feed, not into the bin.",
    ),
    Topic(
        "Why do so many rewrites of large programs fail, and what do the ones that work have in common?",
        (
            Part(
                "What do reports of failed rewrites say?",
                ("software rewrite failure case study", "big bang rewrite post mortem"),
                (
                    (
                        "https://essays.example.com/rewrites",
                        "The old program was called ugly; most of its ugliness turned out to be twenty years of answers to real questions.",
                    ),
                ),
                "Failed rewrites stop shipping for a year or more, lose rules that nobody had written down, and compete with a target that moves.",
            ),
            Part(
                "What do successful ones do?",
                ("strangler fig pattern results", "incremental migration shadow traffic comparison"),
                (
                    (
                        "https://patterns.example.net/strangler",
                        "Each piece goes live behind the same interface, and both versions answer for some weeks; differences are looked at daily.",
                    ),
                    ("https://teams.example.org/shadow", "Comparing answers in production found 212 differences, of which 31 were rules that no document had."),
                ),
                "They replace piece by piece behind one interface, run both versions on real traffic and compare, and are useful after weeks, not years.",
            ),
        ),
        "Rewrites fail because the old program knows things that nobody remembers. Those that work do not try to remember: "
        "they put the new piece beside the old one, let both answer, and look at each difference until "
        "it is understood. They ship every few weeks, and they may stop half-way with something that is better than before. If "
        "a rewrite cannot stop half-way, it should not begin.",
    ),
)

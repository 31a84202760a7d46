"""What model calls cost: as the package computes it, as the source reported it, as the operator says, or not at all."""

import random
from datetime import UTC, date, datetime

import genai_prices
import numpy as np
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TieredPrices
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.config.spec import PriceOverride
from spyglass.model.batch import Batch
from spyglass.model.schema import USAGE, Kind
from spyglass.refine.price import Pricer, Pricing
from spyglass.refine.rates import rates_of
from spyglass.testing.rows import events, points, spans

DAY_NS = 86_400_000_000_000
NOW_NS = 1_767_225_600_000_000_000  # 2026-01-01
SOURCE = f"price:genai-prices@{genai_prices.__version__}"


def call(**columns):
    """One model call of gpt-4o-mini with 1200 input tokens, 1024 of them cached, and 80 output tokens."""
    told = {"kind": "llm", "has_usage": True, "provider": "openai", "model": "gpt-4o-mini", "request_model": "", "reported_cost_usd": 0.0}
    usage = dict(zip(USAGE, (1200, 80, 1024, 0, 0), strict=True))
    merged = {**told, **usage, **columns}
    n = max([len(value) for value in merged.values() if isinstance(value, list)], default=1)
    return Batch(Kind.SPAN, spans(n, **merged))


def priced(batch, **settings):
    rows = Pricer(Pricing(**settings))(batch).rows
    return rows.select(["cost_usd", "input_cost_usd", "output_cost_usd", "cost_source"]).to_pylist()


def models_with_prices(count):
    """(provider, model reference) of models that charge for tokens, chosen to have tiers, dates, hours and plain prices among them."""
    found = []
    for provider in get_snapshot().providers:
        for model in provider.models:
            steps = [step.prices for step in model.prices] if isinstance(model.prices, list) else [model.prices]
            try:
                same = get_snapshot().find_provider_model(model.id, None, provider.id, None)[1] is model
            except LookupError:
                same = False
            if same and all(rates_of(step) for step in steps):
                tiered = any(isinstance(value, TieredPrices) for step in steps for value in vars(step).values())
                found.append((len(steps) > 1, tiered, bool(model.price_variants), provider.id, model.id))
    random.Random(7).shuffle(found)
    found.sort(key=lambda model: not (model[0] or model[1] or model[2]))
    return [(provider, model) for *_, provider, model in found[: count // 2] + found[-count // 2 :]]


def test_vectors_give_what_the_package_gives():
    """2000 random usages of 60 models at random times, priced in one batch, equal the package's own calculation one by one."""
    rng = random.Random(3)
    models = models_with_prices(60)
    assert len(models) == 60
    rows = []
    for _ in range(2000):
        provider, model = rng.choice(models)
        read, write, fresh, out = (rng.choice([0, rng.randrange(5_000), rng.randrange(400_000)]) for _ in range(4))
        rows.append(
            (
                provider,
                model,
                read + write + fresh,
                out,
                read,
                write,
                rng.randrange(out + 1),
                NOW_NS + rng.randrange(-900, 400) * DAY_NS + rng.randrange(DAY_NS),
            )
        )
    columns = list(zip(*rows, strict=True))
    names = ["provider", "model", *USAGE, "start"]
    result = priced(call(**{name: list(values) for name, values in zip(names, columns, strict=True)}))
    for (provider, model, inputs, out, read, write, reasoning, when), got in zip(rows, result, strict=True):
        usage = genai_prices.Usage(input_tokens=inputs, output_tokens=out, cache_read_tokens=read, cache_write_tokens=write, output_reasoning_tokens=reasoning)
        moment = datetime.fromtimestamp(when / 1e9, UTC)
        if inputs + out == 0:
            assert got["cost_source"] == ""
            continue
        want = genai_prices.calc_price(usage, model, provider_id=provider, genai_request_timestamp=moment)
        assert [got["cost_usd"], got["input_cost_usd"], got["output_cost_usd"]] == pytest.approx(
            [float(want.total_price), float(want.input_price), float(want.output_price)], rel=1e-9, abs=1e-15
        ), (provider, model, usage)
        assert got["cost_source"] == SOURCE


def test_a_call_is_priced_by_its_tokens():
    """Cached input is cheaper; cost is input and output together."""
    [got] = priced(call())
    assert got["input_cost_usd"] == pytest.approx((176 * 0.15 + 1024 * 0.075) / 1e6)
    assert got["output_cost_usd"] == pytest.approx(80 * 0.6 / 1e6)
    assert got["cost_usd"] == pytest.approx(got["input_cost_usd"] + got["output_cost_usd"])


def test_a_reported_cost_wins_unless_the_settings_say_otherwise():
    """It counts as a whole: how it divides was not told."""
    batch = call(reported_cost_usd=0.5)
    assert priced(batch) == [{"cost_usd": 0.5, "input_cost_usd": 0.0, "output_cost_usd": 0.0, "cost_source": "reported"}]
    assert priced(batch, prefer_reported=False)[0]["cost_source"] == SOURCE
    assert priced(call(reported_cost_usd=0.5, model="nobody-has-this"), prefer_reported=False)[0]["cost_source"] == "reported"


def test_an_unknown_model_is_not_guessed():
    """No price, no cost."""
    rows = Pricer()(call(model=["nobody-has-this", "nobody-has-this", "gpt-4o-mini"])).rows
    assert rows["cost_source"].to_pylist() == ["unknown_model", "unknown_model", SOURCE]
    assert rows["cost_usd"].to_pylist()[:2] == [0.0, 0.0]


@pytest.mark.parametrize("columns", [{"kind": "agent"}, {"kind": "tool"}, {"has_usage": False}, dict.fromkeys(USAGE, 0)])
def test_what_is_no_call_with_usage_has_no_cost(columns):
    """Usage of agents repeats that of their calls; a call without usage is not free, its cost is not told."""
    assert priced(call(**columns)) == [{"cost_usd": 0.0, "input_cost_usd": 0.0, "output_cost_usd": 0.0, "cost_source": ""}]


@pytest.mark.parametrize(
    ("provider", "model", "request_model"),
    [("azure.ai.openai", "gpt-4o-mini", ""), ("", "gpt-4o-mini", ""), ("openai", "my-deployment", "gpt-4o-mini"),
     ("aws.bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", ""),
     ("gcp.gemini", "gemini-2.0-flash", ""), ("gcp.vertex_ai", "gemini-2.0-flash", ""), ("mistral_ai", "mistral-large-latest", ""), ("x_ai", "grok-3", ""),
     ("", "anthropic/claude-3-5-sonnet-20241022", ""), ("litellm", "openai/gpt-4o-mini", "")],
)  # fmt: skip
def test_models_are_found_as_telemetry_names_them(provider, model, request_model):
    """Canonical provider names, dated and prefixed models, deployments."""
    assert priced(call(provider=provider, model=model, request_model=request_model))[0]["cost_source"] == SOURCE


@pytest.mark.parametrize("provider", ["ollama", "my-gateway"])
def test_a_provider_outside_the_table_is_not_taken_for_another(provider):
    """A model that runs at home has the name of one that costs money elsewhere."""
    assert priced(call(provider=provider, model="gpt-4o-mini"))[0]["cost_source"] == "unknown_model"


def test_the_operator_s_price_wins_while_it_holds():
    """With `*` in names, and from a first day to a last one; before and after it the table holds."""
    own = PriceOverride.model_validate(
        {"model": "gpt-4o*", "provider": "openai", "input": 1.0, "output": 2.0, "from": date(2026, 1, 1), "until": date(2026, 1, 3)}
    )
    batch = call(start=[NOW_NS - 1, NOW_NS, NOW_NS + 2 * DAY_NS - 1, NOW_NS + 2 * DAY_NS], provider=["openai"] * 4)
    result = priced(batch, overrides=(own,))
    assert [row["cost_source"] for row in result] == [SOURCE, "price:settings", "price:settings", SOURCE]
    assert result[1]["cost_usd"] == pytest.approx((1200 * 1.0 + 80 * 2.0) / 1e6)


def test_an_override_prices_what_no_table_knows():
    """Cache prices are the input's price unless they are given."""
    batch = call(provider="ollama", model="llama-at-home")
    assert priced(batch, overrides=(PriceOverride(model="llama*", input=3, output=0, cache_read=1),))[0]["cost_usd"] == pytest.approx((176 * 3 + 1024) / 1e6)


def test_the_service_tier_selects_the_price():
    """What the provider says it charged: flex is cheaper than default, priority dearer."""
    tiers = ["default", "flex", "priority"]
    attributes = [[("openai.response.service_tier", tier), ("openai.request.service_tier", "flex")] for tier in tiers]
    default, flex, priority = (
        row["cost_usd"] for row in priced(call(model=["gpt-5"] * 3, attributes=attributes, attribute_types=["ss"] * 3, start=NOW_NS + 300 * DAY_NS))
    )
    assert flex < default < priority


def test_cache_writes_for_an_hour_cost_more():
    """The split by lifetime stands in an attribute of its own."""
    attributes = [[], [("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "1000")]]
    batch = call(
        provider="anthropic",
        model=["claude-3-5-sonnet-20241022"] * 2,
        cache_read_tokens=0,
        cache_write_tokens=1000,
        attributes=attributes,
        attribute_types=["", "i"],
    )
    short, long = priced(batch)
    assert long["cost_usd"] - short["cost_usd"] == pytest.approx(1000 * (6.0 - 3.75) / 1e6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**7), min_size=5, max_size=5))
def test_no_usage_makes_a_negative_or_missing_cost(counts):
    """Counts that contradict each other (more cached than there is) included."""
    [got] = priced(call(provider="anthropic", model="claude-3-5-sonnet-20241022", **dict(zip(USAGE, counts, strict=True))))
    costs = [got[name] for name in ("cost_usd", "input_cost_usd", "output_cost_usd")]
    assert np.isfinite(costs).all()
    assert min(costs) >= 0


def test_an_explanation_adds_up_to_the_cost():
    """Each sort of token with its price; the same total as on the row."""
    pricer = Pricer()
    batch = call(provider="gcp.gemini", model="gemini-2.5-pro", input_tokens=300_000, cache_read_tokens=50_000)
    row = pricer(batch).rows.to_pylist()[0]
    told = pricer.prices.explain("gcp.gemini", "gemini-2.5-pro", {name: row[name] for name in USAGE}, row["start"].value)
    assert told.cost_usd == pytest.approx(row["cost_usd"])
    assert told.cost_usd == pytest.approx(sum(charge.usd for charge in told.charges))
    assert [(charge.sort, charge.tokens) for charge in told.charges] == [("input_tokens", 250_000), ("cache_read_tokens", 50_000), ("output_tokens", 80)]
    assert pricer.prices.explain("openai", "nobody-has-this", {}, 0).source == "unknown_model"


def test_the_table_lists_every_price_with_its_condition():
    """The operator's prices come first; versions say which table it is."""
    rows = Pricer(Pricing(overrides=(PriceOverride(model="llama*", input=3, output=0),))).prices.table()
    assert (rows[0].model, rows[0].source) == ("llama*", "price:settings")
    assert {"gpt-4o-mini", "claude-3-5-sonnet"} & {row.model for row in rows}
    assert any("more than" in row.condition for row in rows)
    assert {row.version for row in rows[1:]} == {genai_prices.__version__}


def test_history_can_be_priced_again():
    """Rows from the store get today's costs."""
    pricer = Pricer()
    names = ["kind", "has_usage", *USAGE, "provider", "model", "request_model", "reported_cost_usd", "start", "cost_usd", "cost_source", "name"]
    table = call(model=["gpt-4o-mini", "nobody-has-this"]).rows.select(names)
    again = pricer.reprice(table)
    assert again["cost_source"].to_pylist() == [SOURCE, "unknown_model"]
    assert again["name"].equals(table["name"])


def test_events_are_priced_and_points_are_not():
    """A log record can be the only trace of a call."""
    told = {"kind": "llm", "has_usage": True, "provider": "openai", "model": "gpt-4o-mini", "input_tokens": 10, "output_tokens": 1}
    assert Pricer()(Batch(Kind.EVENT, events(1, **told))).rows["cost_source"].to_pylist() == [SOURCE]
    batch = Batch(Kind.POINT, points(2))
    assert Pricer()(batch) is batch


def test_schema_and_chunks_stay():
    """A batch of several chunks keeps its schema; an empty one is let through."""
    rows = pa.concat_tables([call().rows, call(model="o3").rows])
    assert Pricer()(Batch(Kind.SPAN, rows)).rows.schema == rows.schema
    empty = Batch(Kind.SPAN, rows.slice(0, 0))
    assert Pricer()(empty) is empty

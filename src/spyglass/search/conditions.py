def condition(rule: str, name: Token, *rest: Token) -> Tree:
    """The tree of `name:values` (rules match, match_one, match_not) or of `name op value` (rule compare).

    Raises:
        QueryError: there is no such field, or a value is none of its values.
    """
    if name.lower() == "is":
        tree = _states(rule, name, rest)
    elif rule == "compare":
        return _comparison(reference(name), cast("Op", str(rest[0])), rest[1], column(name))
    else:
        tree = _match(reference(name), rest, column(name))
    return Not(tree) if rule == "match_not" else tree


def full_text(token: Token, *, shorthand: bool) -> Tree:
    """The tree of a bare word or a text in quotes; with `shorthand` the name of a kind stands for the kind.

    Raises:
        QueryError: there is nothing in it to search for, or it is no word.
    """
    text, at = str(token), column(token)
    if token.type == "STRING":
        text = unquoted(token)
    elif text.lower() == "root":
        return Is("root", column)
    elif shorthand and text.lower() in KINDS:
        return Match(Ref("kind"), (Pattern((text.lower(),)),), column)
    elif "*" in text:
        raise mistake(column, f'"{text[:80]}": * stands in the values of fields, such as name:chat*; full text looks for whole words')
    elif text in _OTHER_LANGUAGES:
        raise mistake(column, f'"{text}" is written {_OTHER_LANGUAGES[text]}', suggestion=_OTHER_LANGUAGES[text])
    return Match(Ref("text"), (_phrase(text, column, "text"),), column)


def _phrase(text: str, column: int, name: str) -> Pattern:
    if not _WORDS.search(text):
        raise misread(column, name, "at least one letter or digit to search for", text)
    return Pattern((text,))


def _states(rule: str, name: Token, rest: list[Node[Token] | Token]) -> Tree:
    if rule == "compare":
        raise mistake(column(name), "is has no order; write is:root")
    states: list[Tree] = []
    for token in _tokens(rest[0]):
        state, column = _plain(token).lower(), column(token)
        if state not in STATES and state not in KINDS:
            raise misspelt(column, "is", state, (*STATES, *KINDS))
        states.append(Is(state, column) if state in STATES else Match(Ref("kind"), (Pattern((state,)),), column))
    return any_of(*states)


def _match(ref: Ref, field: Field, tokens: list[Token], column: int) -> Tree:
    """Values become one Match; ranges, and `*` for whatever is there, become terms beside it."""
    read = [_value(ref, field, token, column) for token in tokens]
    values = tuple(one for one in read if isinstance(one, Value))
    others = [one for one in read if not isinstance(one, Value)]
    return any_of(*([Match(ref, values, column)] if values else []), *others)


def _value(ref: Ref, field: Field, token: Token, at: int) -> Value | Tree:
    text, column = str(token), column(token)
    if token.type == "VALUE" and not text.strip("*"):
        return Has(ref, at)
    if token.type == "VALUE" and ".." in text and "\\" not in text and field.type in _RANGED:
        found = _range(ref, field, token, at)
        if found is not None:
            return found
    match field.type:
        case Type.TEXT | Type.LIST | Type.ATTRIBUTE:
            return _pattern(text, column) if token.type == "VALUE" else Pattern((unquoted(text),))
        case Type.WORDS:
            if token.type == "VALUE" and unescaped(text).exact is None:
                raise mistake(column, f"{ref} is full text and looks for whole words; * stands in the values of other fields")
            return _phrase(_plain(token), column, str(ref))
        case _:
            value = _scalar(field, _plain(token), column)
            if isinstance(value, Ago):
                raise mistake(column, f"{ref}: a time before now needs a comparison; write {ref}>{text}", suggestion=f"{ref}>{text}")
            return value


def _pattern(text: str, column: int) -> Pattern:
    pattern = unescaped(text)
    if len(pattern.parts) > MAX_WILDCARDS + 1:
        raise mistake(column, f"expected at most {MAX_WILDCARDS} wildcards in a value, found {len(pattern.parts) - 1}")
    return pattern


def _scalar(field: Field, text: str, column: int) -> Value:
    """A value of a field that has neither wildcards nor free text."""
    readers: dict[Type, Callable[[str], Value]] = {
        Type.COUNT: lambda text: read_number(text, whole=True),
        Type.NUMBER: lambda text: read_number(text, whole=False),
        Type.ATTRIBUTE: lambda text: read_number(text, whole=False),
        Type.USD: lambda text: read_number(text, whole=False),
        Type.DURATION: read_duration,
        Type.TIME: read_time,
        Type.ID: lambda text: _read_id(field, text),
        Type.BOOL: _read_bool,
        Type.CHOICE: lambda text: Pattern((_choice(field, text, column),)),
    }
    try:
        return readers[field.type](text)
    except ValueError as error:
        raise misread(column, field.name, str(error), text) from None


def _read_id(field: Field, text: str) -> Pattern:
    try:
        return Pattern((read_id(text, _ID_BYTES[field.name]),))
    except ValueError as error:
        also = ", or a condition in brackets, such as parent:(agent:planner)" if field.name == "parent_span_id" else ""
        raise ValueError(f"{error}{also}") from None


def _read_bool(text: str) -> Pattern:
    if text.lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return Pattern((text.lower(),))


def _choice(field: Field, text: str, column: int) -> str:
    value = field.spellings.get(text.lower(), text.lower())
    if value not in field.values and value:
        raise misspelt(column, field.name, text, field.values)
    return value


def _comparison(ref: Ref, field: Field, op: Op, token: Token, at: int) -> Tree:
    text, column = _plain(token), column(token)
    if not (field.type in _RANGED or field.ordered):
        raise mistake(column, f"{ref} has no order; write {ref}:value")
    if field.ordered and not text:
        raise misread(column, field.name, f"one of {', '.join(field.values)}", text)
    return Comparison(ref, op, _scalar(field, text, column), at)


def _range(ref: Ref, field: Field, token: Token, at: int) -> Tree | None:
    """The range, or None where the value of an attribute only looks like one."""
    text, column = str(token), column(token)
    low_text, high_text = text.split("..", 1)
    try:
        low, high = (_scalar(field, part, column) if part else None for part in (low_text, high_text))
    except QueryError:
        if field.type is Type.ATTRIBUTE:
            return None
        raise
    if low is None or high is None:
        bound = low if high is None else high
        if bound is None:
            raise misread(column, str(ref), "a range such as 1..5, 1.. or ..5", text)
        return Comparison(ref, ">=" if high is None else "<=", bound, at)
    if _empty(low, high):
        raise mistake(column, f"{ref}: the range {low}..{high} is empty; write the smaller value first")
    return Range(ref, low, high, at)


def _empty(low: Value, high: Value) -> bool:
    match low, high:
        case (Number(a), Number(b)) | (Duration(a), Duration(b)) | (Ago(b), Ago(a)):
            return a > b
        case Moment(a), Moment(b):
            return a > b
        case _:
            return False


def _field(name: Token) -> Field:
    return NAMES[reference(name).name]


def reference(token: Token) -> Ref:
    """The field that a name means.

    Raises:
        QueryError: there is none.
    """
    head, _, key = str(token).partition(".")
    if head.lower() in {"attr", "resource"}:
        key = unquoted(key) if key.startswith('"') else key
        if not key:
            raise mistake(column(token), f"{head} needs the name of an attribute, such as {head}.http.route")
        return Ref(head.lower(), key)
    field = find(str(token))
    if field is None:
        raise unknown_field(column(token), str(token))
    return Ref(field.name)


def _plain(token: Token) -> str:
    """The text of a value without wildcards: what a number, a time or a choice is read from."""
    return unquoted(token) if token.type == "STRING" else re.sub(r"\\([\s\S])", r"\1", token)


def column(token: Token) -> int:
    """Where a token stands in the text, from 1 on."""
    return int(token.start_pos or 0) + 1

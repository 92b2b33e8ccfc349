"""Search functions for PostgreSQL: Swedish and English together, with our own rules before Snowball's Swedish.

Snowball removes one ending a word, and neither -et nor -an is among them; so *samrådet*, *mötena*, *frågan*,
*resultaten* and *konferensen* miss their base forms. `portal_fold` brings a word to its base form first, by the same
rules in documents and queries; Snowball then stems base forms only. The rules are tested on tests/search/words.psv.
"""

from typing import NamedTuple

# A root has a vowel and then consonants: "det" and "den" have no ending.
ROOT = "(?<=[aeiouyåäöé][bcdfghjklmnpqrstvwxz]{1,5})"
# Words that end like a definite form and are none; stop words among them must stay recognisable.
NOT_ET = r"(?<!(h|it|kr|rak|pak|budg|magn|mark|intern|\mplan|\mmyck|\mvilk))"
NOT_ENA = r"(?<!\m(ar|för|hel))"
NOT_EN = r"(?<!\m(vilk|ing|ell|eft|und|öv|vår))"
NOT_ENS = "(?<!(fer|över))"
NOT_AN = r"(?<!(\w\w[delks]m|\mut|\msed|\msåd|\mmell|\msamm))"


class Step(NamedTuple):
    """One pass over a text: what any of the patterns finds becomes `replacement`."""

    replacement: str
    patterns: tuple[str, ...]


# Groups only look around or alternate: "(?:" is avoided, SQLAlchemy would read ":name" as a parameter.
STEPS = (
    Step(
        "a",
        (
            "(?<=l)ä(?=nder)",  # länder → land
            r"(?<=st)ä(?=der(nas?|s)?\M)",  # städer, bostäder → stad, bostad
            r"(?<=\w{3}m)(?<!allm)ä(?=n(nen)?s?\M)",  # tjänstemän → tjänsteman
        ),
    ),
    Step("o", (r"(?<=\mledam)ö(?=ter)",)),  # ledamöter → ledamot
    Step("ökning", (r"(?<=ans)ökan(?=s?\M)",)),  # ansökan has the plural ansökningar
    Step("el", (r"(?<=(artik|cyk|exemp|kapit|med|möb|reg|tit))l(?=(ar|e[nrt])(na)?s?\M)",)),  # medlet → medelet
    Step("m", (r"(?<!\m(so|ha|ka|da)|ko)mm(?=e[nt]s?\M)|(?<=medle)mm(?=ar)",)),  # programmet, medlemmar → -m
    Step(
        "",
        (
            r"(?<=(teck|vap|vatt))ne[nt]s?\M",  # vattnet → vatt, as Snowball's vatten
            r"(?<=(bull|cent|fönst|minist|mönst|regist|väd))r(a|ar|e[nt]|um|umet)(na)?s?\M",  # centret, centrum → cent
            r"(?<=[aeiouyåäöé][bcdfghjklmnpqrstvwxz]{1,4}i)(um|umet|et|er|erna)s?\M",  # ministerium, -iet → ministeri
            r"(?<=((\m|[snt])land|band))ets?\M",  # medlemslandet, before -ande takes it for a participle
            r"(?<=[ae]nde)(t|na?)s?\M",  # yttrandet, ärendena → yttrande, ärende
            r"(?<=else)(n|r|rna)s?\M",  # kallelsen → kallelse
        ),
    ),
    Step(
        "",
        (
            rf"{ROOT}{NOT_ET}ets?\M",  # samrådet → samråd
            rf"{ROOT}{NOT_ENA}enas?\M",  # mötena → möt
            rf"{ROOT}{NOT_EN}(en|er|ers|ern|erna|ernas|{NOT_ENS}ens)\M",  # resultaten, kostnader → resultat, kostnad
            r"(?<=(gi|nomi|demi|rati|anti|stri|gori|ljö|licy|el|or))ns?\M",  # energin, miljön, handeln
            r"(?<=(grön|ell|[nrkbdi]al|[io]tal|bar))t\M|(?<=\wbar)a\M",  # grönt, nationellt, hållbart, hållbara
        ),
    ),
    Step("a", (rf"{ROOT}{NOT_AN}ans?\M",)),  # frågan → fråga
)


def _folded(text: str) -> str:
    """The SQL expression that takes `text` through all steps."""
    for step in STEPS:
        text = f"regexp_replace({text}, '{'|'.join(step.patterns)}', '{step.replacement}', 'g')"
    return text


# Soft hyphen, zero-width characters and byte-order mark are not seen, so they are not searched; "och/eller" is two words.
CLEAN = r"""
create or replace function portal_clean(t text) returns text
language sql immutable parallel safe
return translate(lower(normalize(coalesce(t, ''))), E'/\u00ad\u200b\u200c\u200d\u2060\ufeff', ' ')
"""

# In pieces of thirty words, since a look-behind starts at the beginning of the text at every match.
FOLD = rf"""
create or replace function portal_fold(t text) returns text
language sql immutable parallel safe
return coalesce((
    select string_agg({_folded("m[1]")}, '' order by n)
    from regexp_matches(portal_clean(t), '(\W*(\w+\W*){{1,30}})', 'g') with ordinality as piece(m, n)
), '')
"""

# A tsvector ends at 1 MB: what stands after 100,000 characters is not found, instead of the text being refused.
TERMS = """
create or replace function portal_terms(t text) returns tsvector
language sql immutable parallel safe
return to_tsvector('swedish', portal_fold(left(t, 100000))) || to_tsvector('english', portal_clean(left(t, 100000)))
"""

# What people type in a search box: words, "phrases", -not, or/eller. Each word may match in either language; one that is
# a stop word in one of them counts only if nothing else was asked for. The last word, unless a space says that it
# is whole, also matches what begins with it.
QUERY = r"""
create or replace function portal_query(typed text) returns tsquery
language sql immutable parallel safe
begin atomic
    with token as (
        select n, m[1] = '-' as negated, m[2] as word,
            n = max(n) over () and m[1] = '' and length(m[2]) > 2 and m[2] ~ '^[[:alnum:]]+(-[[:alnum:]]+)*$'
                and portal_clean(typed) !~ '\s$' as unfinished,
            count(*) filter (where m[2] in ('or', 'eller')) over (order by n) as branch
        from regexp_matches(left(portal_clean(typed), 400), '(-?)("[^"]*"|[^\s"]+)', 'g') with ordinality as part(m, n)
    ), term as (
        select *, websearch_to_tsquery('swedish', portal_fold(word)) as sv, websearch_to_tsquery('english', word) as en,
            (case when unfinished then quote_literal(word) || ':*' else '' end)::tsquery as beginning
        from token
        where word not in ('or', 'eller')
    ), weighed as (
        select negated, branch, sv || en || beginning as query, numnode(sv) > 0 and numnode(en) > 0 as strong,
            bool_or(not negated and numnode(sv) > 0 and numnode(en) > 0) over (partition by branch) as has_strong
        from term
        where numnode(sv || en) > 0
    ), alternative as (
        select branch, string_agg((case when negated then '!(' else '(' end) || query::text || ')', ' & ') as query
        from weighed
        where strong or not has_strong
        group by branch
        having not bool_and(negated)
    )
    select coalesce(string_agg('(' || query || ')', ' | '), '')::tsquery from alternative;
end
"""

SQL = (CLEAN, FOLD, TERMS, QUERY)

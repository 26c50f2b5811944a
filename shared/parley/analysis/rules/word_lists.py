"""The word lists that the rules share. Data only: lower case, plain apostrophes."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """A word list as one writes it: words between spaces."""
    return frozenset(text.split())


STOP = word_set("""
        a about above actually after again all also am an and any anybody anyone anything are as at back
        basically be because been before being below between both bit but by can cannot could did do
        does doing done down each else even every everybody everyone everything few for from further get
        gets getting go goes going gonna good got great guess had has have having he hello her here hers
        hey hi him his how i if in into is it its just kind know let lets like little lot lots make
        makes many may maybe me mean might mine more most much must my need no nor not nothing now of
        off oh ok okay on once one only or other our ours out over own part people perhaps pretty
        probably quite really right said same say says see she should so some somebody someone something
        sort still stuff such sure take than thank thanks that the their theirs them then there these
        they thing things think this those though through to too two under until up us use used very
        want was way we well were what when where whether which while who whom why will with without
        would yeah yes yep yet you your yours im ive id ill youre youve well weve theyre thats theres
        dont doesnt didnt isnt arent wasnt wont cant couldnt wouldnt shouldnt havent hasnt were theyve
        its lets whats heres um uh er ah hmm mm mhm cool alright awesome perfect fine exactly definitely
        course certainly absolutely obviously literally anyway maybe today tomorrow yesterday week weeks
        month months day days time times year years minute minutes hour hours second seconds first last
        next new question questions point points gotcha gotta wanna
        """)


# Done in the meeting itself, or no work: never the verb of a task.
NO_WORK = word_set("""
        have been being want know think guess hope love like hate feel hear mean believe remember forget
        wonder imagine suppose assume agree disagree understand realize realise recall notice seem appear
        become stay stand live happen exist depend matter belong happy sure able glad sorry good
        great fine nice clear aware here there more less better best worse same different another other
        mention speak talk tell show wait stop pause listen watch enjoy thank welcome apologize apologise
        repeat skip jump switch head wrap pass hand turn leave drop keep admit argue note emphasize
        point highlight explain describe preface answer begin kick dive walk stick only very much many
        about into onto from with without this that these those what which where when case while lose
        find learn expect interested excited curious going doing getting trying never always sometimes
        usually often either neither somehow anyway later soon pretty quite rather basically honestly
        everyone everybody people someone somebody anyone nobody question questions time days week year
        fail face spend save grow suffer deal rely live carry accept receive bear fall rise win
        touch throw hold lead play treat grant assign
        """)

# How much a promise of this verb says by itself: a deliverable (1), some work (.8), perhaps only talk (.55).
VERBS: dict[str, float] = {
    **dict.fromkeys(
        word_set("""
        send email mail schedule draft prepare circulate submit deliver organize organise book forward
        upload publish finalize finalise file invite document distribute
        """),
        1.0,
    ),
    **dict.fromkeys(
        word_set("""
        share write create update review fix post open merge implement investigate summarize summarise
        announce contact ping notify message introduce connect coordinate confirm verify arrange order
        build compile complete finish provide reply respond release deploy ship test benchmark measure
        rewrite rename remove refactor propose raise report research redo revise adjust correct pull
        push sign reschedule cancel escalate fill debug decide engage address monitor track reproduce
        upgrade migrate install configure provision negotiate onboard purchase buy pay interview train
        evaluate analyze analyse implement specify define collect gather remind
        """),
        0.85,
    ),
    **dict.fromkeys(
        word_set("""
        add ask check run call change close clarify consider copy move read resolve set discuss design
        develop explore extend follow include integrate join look make meet plan present push replace
        request respond sync talk transfer try validate work find bring put get take give think
        double-check tweak reach loop circle touch start continue compare include give support figure
        use collaborate need do handle own spec outline demo prototype iterate align simplify prioritize
        prioritise fund ensure formalize finalise standardize deprecate enable disable generate produce
        isolate simulate pick choose
        """),
        0.55,
    ),
}

# Verbs that say too little alone; with one of these words right after them they are worth as much as here.
PHRASES: dict[str, dict[str, float]] = {
    "figure": {"out": 0.6},
    "provide": {"feedback": 0.9, "an": 0.6, "the": 0.6, "you": 0.7},
    "add": {"a": 0.6, "the": 0.6, "an": 0.6, "it": 0.5, "this": 0.5, "that": 0.5, "some": 0.55, "tests": 0.8},
    "consider": {"adding": 0.5},
    "decide": {"on": 0.55, "the": 0.5},
    "use": {},
    "look": {"into": 0.9, "at": 0.6, "up": 0.6, "for": 0.5},
    "follow": {"up": 0.9},
    "reach": {"out": 1.0},
    "set": {"up": 0.95},
    "put": {"together": 1.0, "up": 0.8, "out": 0.7, "in": 0.6},
    "get": {"back": 0.85, "in": 0.5, "you": 0.6},
    "work": {"on": 0.75, "with": 0.7},
    "find": {"out": 0.85, "a": 0.5},
    "do": {"that": 0.6, "it": 0.6, "this": 0.55},
    "handle": {"that": 0.8, "it": 0.8, "the": 0.8, "this": 0.8},
    "own": {"that": 0.8, "it": 0.8, "this": 0.8},
    "take": {"care": 0.9, "that": 0.75, "it": 0.7, "this": 0.7, "an": 0.6, "the": 0.45, "on": 0.7, "a": 0.6},
    "make": {"sure": 0.7, "a": 0.5, "the": 0.5, "an": 0.5},
    "bring": {"it": 0.5, "this": 0.6, "that": 0.5, "the": 0.5},
    "give": {"feedback": 0.8, "you": 0.6},
    "talk": {"to": 0.8, "with": 0.7},
    "check": {"with": 0.9, "in": 0.7, "on": 0.7, "whether": 0.7, "if": 0.6, "the": 0.6},
    "loop": {"in": 0.9, "you": 0.8, "back": 0.7},
    "circle": {},
    "touch": {},
    "sync": {"with": 0.8, "up": 0.7},
    "try": {},
    "think": {},
    "start": {},
    "continue": {},
    "read": {"through": 0.6, "the": 0.5, "up": 0.6},
    "merge": {"it": 0.85, "this": 0.85, "that": 0.85, "the": 0.85, "these": 0.85, "them": 0.85},
    "run": {"the": 0.55, "it": 0.5, "some": 0.6, "this": 0.5, "benchmarks": 0.8},
    "move": {},
    "join": {},
    "meet": {"with": 0.55},
    "call": {"them": 0.7, "you": 0.7, "him": 0.7, "her": 0.7},
    "open": {"a": 0.9, "an": 0.9, "the": 0.7, "issues": 0.9},
    "present": {},
    "raise": {"a": 0.7, "an": 0.85, "it": 0.6, "this": 0.7, "that": 0.6, "the": 0.6},
    "pull": {"together": 0.9, "the": 0.6},
    "push": {"a": 0.6, "the": 0.6},
    "post": {},
    "discuss": {},
    "plan": {},
    "include": {},
    "support": {},
    "change": {"the": 0.6},
    "close": {"the": 0.5, "out": 0.5},
    "copy": {"you": 0.7, "the": 0.5},
    "order": {"the": 0.8, "a": 0.8, "some": 0.8},
    "test": {"it": 0.7, "the": 0.7, "this": 0.7, "that": 0.7},
    "report": {"back": 0.95},
    "need": {"a": 0.6, "an": 0.6, "some": 0.6, "more": 0.6, "these": 0.5, "the": 0.45, "this": 0.4},
    "share": {
        "an": 0.9,
        "the": 0.9,
        "a": 0.9,
        "my": 0.7,
        "it": 0.75,
        "that": 0.75,
        "this": 0.7,
        "some": 0.8,
        "with": 0.8,
    },
    "mail": {"you": 1.0, "the": 0.9, "it": 0.9},
}
PHRASES["post"] = {"the": 0.75, "a": 0.8, "it": 0.75, "this": 0.75, "that": 0.75, "an": 0.8, "my": 0.8}
PHRASES["discuss"] = {"with": 0.7, "this": 0.55, "it": 0.5}

# Things that one hands over: beside a promise they make it a task.
ARTEFACTS = word_set("""
        deck slides slide proposal contract quote invoice pricing document doc docs spec pr prs pull
        request issue issues ticket tickets email emails mail invite invitation notes minutes summary
        report agenda recording draft branch patch release benchmark benchmarks test tests list
        spreadsheet sheet demo call meeting feedback link links numbers data results review blog post
        roadmap timeline schedule template repo code eip spec specs plan budget paperwork agreement nda
        order trial account access training onboarding checklist implementation devnet proposal faq
        survey breakout update updates writeup write-up repository dashboard estimate
        """)

PRONOUNS = word_set(
    """
        it that this them that those these one him her me you us they there something stuff thing things
        so everything all both
        """
)

# Nouns that no talk is about, however often they are said.
NO_TOPIC = word_set(
    """
        mm-hmm uh-huh different better best possible able already previous nice guys guy place places
        similar beginning decision case cases example examples three four five six seven eight nine ten
        hundred thousand million half couple bunch number way ways side end start created based added
        able important interesting big small large huge whole entire main same certain specific general
        real sense idea ideas moment matter rest reason problem issue issues mic screen sound chat slide
        slides room hand hands line word words name names home house world folks kind sort piece pieces
        level terms fact side top bottom mr mrs ms chair minister member members group team teams call
        meeting discussion comment comments thought thoughts old young high low long short easy hard
        difficult clear ready open full free correct right wrong true simple common particular little
        shows showed eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety
        please
        seems seem opinion opinions takeaway understanding happy sorry strong several interested simpler
        sounds worth complaints complaint others news effort feel feels clear thinking wants wanted
        happens happened interesting takes took gave given comes came said says guess looks look sense
        currently recently together available potentially whatever whichever useful helpful curious
        bunch reasonable mentioned basis fair curious glad familiar excited hopefully either neither
        bit course help hope love answer answers everyone's today's week's early late later soon quick
        """
)

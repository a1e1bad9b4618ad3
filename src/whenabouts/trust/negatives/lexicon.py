"""English words that exclude each other, to change one of a sentence into another: ours, small, and open to additions.

A group holds phrases of one kind, any of which contradicts the others in the same place of a sentence. Verbs stand in
five forms: base, third person, -ing, past, participle. `SAME` are words that may mean the same thing: none of them is
put in where another one is said.
"""

from __future__ import annotations

__all__ = ["ATTRIBUTES", "PLACES", "SAME", "THINGS", "VERBS"]

ATTRIBUTES: dict[str, tuple[tuple[str, ...], ...]] = {
    "colour": (("red", "blue", "green", "yellow", "black", "white", "brown", "pink", "purple", "orange", "grey"),),
    "count": (("two", "three", "four", "five", "six", "seven", "eight"), ("2", "3", "4", "5", "6", "7", "8")),
    "size": (
        ("small", "large"),
        ("little", "huge"),
        ("big", "tiny"),
        ("long", "short"),
        ("tall", "low"),
        ("thick", "thin"),
    ),
    "state": (
        *(("empty", "full"), ("wet", "dry"), ("clean", "dirty"), ("old", "new"), ("hot", "cold")),
        *(("wooden", "metal", "plastic", "glass", "leather"), ("young", "elderly"), ("indoors", "outdoors")),
    ),
}
SAME: tuple[tuple[str, ...], ...] = (
    *(("grey", "gray"), ("purple", "violet"), ("orange", "golden"), ("red", "maroon"), ("pink", "magenta")),
    *(("two", "2", "couple", "pair"), ("three", "3"), ("four", "4"), ("five", "5"), ("six", "6"), ("seven", "7")),
    *(
        ("eight", "8"),
        ("small", "little", "tiny", "short"),
        ("large", "big", "huge", "giant"),
        ("tall", "long", "high"),
    ),
    *(("old", "elderly", "older"), ("wooden", "wood"), ("metal", "steel", "iron"), ("wet", "soaked")),
    *(("inside", "indoors"), ("outside", "outdoors"), ("towards", "toward")),
    *(("garden", "yard", "backyard", "lawn", "grass"), ("street", "road"), ("stadium", "arena", "field")),
    *(("forest", "woods"), ("behind", "back"), ("bathroom", "restroom")),
    *(
        ("door", "gate"),
        ("doorway", "entrance"),
        ("couch", "sofa"),
        ("rug", "carpet", "mat"),
        ("stool", "chair", "seat"),
    ),
    *(("table", "desk"), ("shelf", "cupboard", "cabinet", "closet", "wardrobe", "pantry"), ("floor", "ground")),
    *(("laptop", "computer", "notebook"), ("phone", "cellphone", "telephone"), ("television", "tv")),
    *(
        ("cup", "mug", "glass"),
        ("dish", "plate", "bowl"),
        ("dishes", "plates"),
        ("sandwich", "food"),
        ("pizza", "food"),
    ),
    *(
        ("banana", "food"),
        ("carrot", "food"),
        ("bag", "backpack", "purse", "suitcase"),
        ("box", "package", "container"),
    ),
    *(("blanket", "cover", "sheet"), ("pillow", "cushion"), ("clothes", "laundry", "shirt"), ("jacket", "coat")),
    *(("shoe", "boot", "sneaker"), ("broom", "brush"), ("painting", "picture", "photo"), ("refrigerator", "fridge")),
    *(("light", "lamp"), ("stove", "oven"), ("car", "truck", "vehicle"), ("bike", "bicycle"), ("stairs", "steps")),
    *(("boat", "ship"), ("rope", "string", "cord"), ("wire", "cord", "cable"), ("medicine", "pill"), ("hat", "cap")),
    *(("cycle", "ride", "bike"), ("cry", "weep"), ("fix", "repair"), ("throw", "toss"), ("tear", "rip")),
    *(("break", "destroy"), ("peel", "cut"), ("carry", "hold"), ("push", "move"), ("kick", "hit")),
)
PLACES: tuple[tuple[str, ...], ...] = (
    ("into", "out of"),
    ("in front of", "behind"),
    ("inside", "outside"),
    ("on the left", "on the right"),
    ("to the left", "to the right"),
    ("left hand", "right hand"),
    ("upstairs", "downstairs"),
    ("on top of", "underneath"),
    ("towards", "away from"),
    ("kitchen", "bathroom", "bedroom", "garage", "garden", "classroom"),
    ("street", "beach", "forest", "airport", "stadium"),
    ("living room", "laundry room", "dining room", "waiting room"),
)
THINGS: tuple[tuple[str, ...], ...] = (
    ("door", "window", "curtain", "gate"),
    ("doorway", "tunnel", "balcony"),
    ("couch", "bed", "bench", "swing"),
    ("sofa", "hammock", "stool"),
    ("chair", "ladder", "rug"),
    ("table", "shelf", "piano", "carpet"),
    ("desk", "bathtub", "windowsill"),
    ("floor", "roof", "lawn"),
    ("laptop", "guitar", "typewriter"),
    ("phone", "flashlight", "violin", "calculator"),
    ("camera", "trumpet", "telescope"),
    ("computer", "sewing machine", "piano"),
    ("television", "aquarium", "fireplace"),
    ("tv", "aquarium", "fireplace"),
    ("book", "newspaper", "map", "violin"),
    ("books", "plates", "candles"),
    ("paper", "rope", "wire"),
    ("notebook", "hammer", "lantern"),
    ("cup", "hammer", "trophy", "candle"),
    ("glass", "bowl", "vase"),
    ("bottle", "candle", "brush"),
    ("mug", "spoon", "teapot"),
    ("dish", "helmet", "basket"),
    ("dishes", "windows", "boots"),
    ("sandwich", "banana", "pizza", "carrot"),
    ("food", "medicine", "flowers"),
    ("coffee", "lemonade", "soup"),
    ("water", "paint", "milk"),
    ("bag", "lantern", "umbrella", "ladder"),
    ("box", "barrel", "cushion", "bucket"),
    ("groceries", "tools", "toys"),
    ("blanket", "tent", "map", "flag"),
    ("pillow", "brick", "balloon"),
    ("towel", "net", "hose"),
    ("clothes", "flowers", "bottles"),
    ("shirt", "hat", "scarf"),
    ("jacket", "apron", "backpack"),
    ("shoes", "gloves", "skates"),
    ("shoe", "glove", "skate"),
    ("broom", "shovel", "fishing rod"),
    ("vacuum", "lawn mower", "wheelbarrow"),
    ("mirror", "painting", "clock"),
    ("refrigerator", "oven", "fireplace"),
    ("fridge", "oven", "fireplace"),
    ("cabinet", "mailbox", "toolbox"),
    ("cupboard", "mailbox", "toolbox"),
    ("closet", "tent", "elevator"),
    ("wardrobe", "tent", "elevator"),
    ("drawer", "suitcase", "mailbox"),
    ("light", "fan", "radio", "heater"),
    ("stove", "fan", "radio"),
    ("dog", "cat", "horse", "parrot"),
    ("car", "bicycle", "boat", "train"),
    ("bike", "truck", "sled"),
    ("ball", "frisbee", "kite"),
    ("guitar", "drum", "violin", "trumpet"),
    ("tree", "lamp post", "statue"),
    ("stairs", "ladder", "escalator"),
    ("homework", "puzzle", "laundry"),
)
VERBS: tuple[tuple[tuple[str, str, str, str, str], ...], ...] = (
    (
        ("open", "opens", "opening", "opened", "opened"),
        ("paint", "paints", "painting", "painted", "painted"),
        ("kick", "kicks", "kicking", "kicked", "kicked"),
    ),
    (
        ("close", "closes", "closing", "closed", "closed"),
        ("paint", "paints", "painting", "painted", "painted"),
        ("kick", "kicks", "kicking", "kicked", "kicked"),
    ),
    (
        ("eat", "eats", "eating", "ate", "eaten"),
        ("peel", "peels", "peeling", "peeled", "peeled"),
        ("throw away", "throws away", "throwing away", "threw away", "thrown away"),
    ),
    (
        ("drink", "drinks", "drinking", "drank", "drunk"),
        ("spill", "spills", "spilling", "spilled", "spilled"),
    ),
    (
        ("walk", "walks", "walking", "walked", "walked"),
        ("crawl", "crawls", "crawling", "crawled", "crawled"),
        ("cycle", "cycles", "cycling", "cycled", "cycled"),
    ),
    (
        ("run", "runs", "running", "ran", "run"),
        ("crawl", "crawls", "crawling", "crawled", "crawled"),
        ("limp", "limps", "limping", "limped", "limped"),
    ),
    (
        ("laugh", "laughs", "laughing", "laughed", "laughed"),
        ("cry", "cries", "crying", "cried", "cried"),
        ("yawn", "yawns", "yawning", "yawned", "yawned"),
    ),
    (
        ("smile", "smiles", "smiling", "smiled", "smiled"),
        ("cry", "cries", "crying", "cried", "cried"),
        ("frown", "frowns", "frowning", "frowned", "frowned"),
    ),
    (
        ("read", "reads", "reading", "read", "read"),
        ("burn", "burns", "burning", "burned", "burned"),
        ("tear up", "tears up", "tearing up", "tore up", "torn up"),
    ),
    (
        ("wash", "washes", "washing", "washed", "washed"),
        ("paint", "paints", "painting", "painted", "painted"),
        ("break", "breaks", "breaking", "broke", "broken"),
    ),
    (
        ("hold", "holds", "holding", "held", "held"),
        ("break", "breaks", "breaking", "broke", "broken"),
        ("bury", "buries", "burying", "buried", "buried"),
    ),
    (
        ("throw", "throws", "throwing", "threw", "thrown"),
        ("catch", "catches", "catching", "caught", "caught"),
    ),
    (
        ("cook", "cooks", "cooking", "cooked", "cooked"),
        ("freeze", "freezes", "freezing", "froze", "frozen"),
    ),
    (
        ("sneeze", "sneezes", "sneezing", "sneezed", "sneezed"),
        ("whistle", "whistles", "whistling", "whistled", "whistled"),
        ("snore", "snores", "snoring", "snored", "snored"),
    ),
    (
        ("watch", "watches", "watching", "watched", "watched"),
        ("repair", "repairs", "repairing", "repaired", "repaired"),
        ("carry", "carries", "carrying", "carried", "carried"),
    ),
    (
        ("dance", "dances", "dancing", "danced", "danced"),
        ("kneel", "kneels", "kneeling", "knelt", "knelt"),
    ),
    (
        ("sing", "sings", "singing", "sang", "sung"),
        ("sleep", "sleeps", "sleeping", "slept", "slept"),
    ),
    (
        ("fix", "fixes", "fixing", "fixed", "fixed"),
        ("destroy", "destroys", "destroying", "destroyed", "destroyed"),
    ),
    (
        ("talk", "talks", "talking", "talked", "talked"),
        ("sing", "sings", "singing", "sang", "sung"),
        ("whistle", "whistles", "whistling", "whistled", "whistled"),
    ),
    (
        ("jump", "jumps", "jumping", "jumped", "jumped"),
        ("crawl", "crawls", "crawling", "crawled", "crawled"),
    ),
    (
        ("drive", "drives", "driving", "drove", "driven"),
        ("push", "pushes", "pushing", "pushed", "pushed"),
    ),
)

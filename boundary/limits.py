"""Every limit on what comes from outside, in one place.

Sizes are in bytes, times in seconds. Each is generous for honest input: a full credential weighs
4 kB, an honest status list at most 450 kB.
"""

from typing import Final

# JSON
JSON_BYTES: Final = 1 << 20
JSON_DEPTH: Final = 64
JSON_INTEGER: Final = 2**53 - 1  # RFC 7493 §2.2: beyond it, readers disagree
JSON_NUMBER_CHARS: Final = 40

# decompression
INFLATED_BYTES: Final = 16 << 20

# HTTP
FETCH_BYTES: Final = 1 << 20
FETCH_SECONDS: Final = 5.0
URL_CHARS: Final = 2_048
HOST_CHARS: Final = 253  # RFC 1035 §2.3.4

# SD-JWT
SD_JWT_BYTES: Final = 256 << 10
SD_JWT_DISCLOSURES: Final = 1_000
SD_JWT_DEPTH: Final = 32  # levels of the processed payload
JWS_BYTES: Final = 2 << 20
JOSE_HEADER_BYTES: Final = 16 << 10

# CBOR and COSE
CBOR_DEPTH: Final = 16  # arrays and maps within each other; a twin has four
COSE_BYTES: Final = 2 << 20
TWIN_BYTES: Final = 1_400  # what a holder shows offline; an honest one has 300 to 450

# Data Integrity and canonicalization
PROOFS: Final = 8
JSON_LD_VALUES: Final = 10_000  # a full credential has 120
TERM_DEFINITIONS: Final = 15_000  # a full credential asks for 200
CONTEXTS: Final = 50  # in one place of one document; three is usual
INLINE_TERMS: Final = 100
CONTEXT_TABLES: Final = 1_000  # active contexts remembered in a process
CONTEXT_MEMORIES: Final = 2_000  # of each kind, in one of them
CONTEXT_KEY_CHARS: Final = 4_000  # names and types that are remembered together
SHAPES: Final = 128  # outlines of documents for which compiled shapes are kept
SHAPES_ALIKE: Final = 8  # of one outline
SHAPE_SIGHTINGS: Final = 8  # how often an outline is met before a shape is compiled
SHAPE_COST: Final = 100  # documents that went the long way, for each shape that is compiled (some 40 walks)
OUTLINE_SIGHTINGS: Final = 2  # how often an outline is met before is learnt what pointers select
OUTLINE_VALUES: Final = 1_000  # in a document of which is remembered what pointers select
SHAPE_CHARS: Final = 32 << 10  # of all its texts
SHAPE_TEXTS: Final = 400  # in a document that is compiled; a full credential has 120
QUADS: Final = 20_000
# The official positive tests of RDFC-1.0 need at most 468 calls, 7 deep, 2,880 permutations, 2,808 hashes.
N_DEGREE_CALLS: Final = 600
N_DEGREE_DEPTH: Final = 40
PERMUTATIONS: Final = 5_000
RELATED_HASHES: Final = 50_000
CBOR_BYTES: Final = 64 << 10
POINTERS: Final = 1_000
BBS_MESSAGES: Final = 1_000  # statements that one signature hides or shows; a full credential has 100
PUSHED_CHARS: Final = 16 << 10  # of an authorization request; a long one has 2,000
PROOF_SECONDS: Final = 300.0  # how old a proof of possession may be
ATTESTED_KEYS: Final = 20  # in one word of a wallet's provider
CLOCK_SKEW_SECONDS: Final = 60.0  # how far ahead an honest signer's clock may be

# documents
CREDENTIALS_PER_PRESENTATION: Final = 20
STATUS_REFERENCES: Final = 8  # lists that one credential names; each may be asked for over the network
STATUS_SECONDS: Final = 10 * 366 * 86_400  # the longest time that a list may say it holds
COPIES: Final = 20  # of one award in one form, each bound to a key of its own
STATUS_ENTRIES: Final = 131_072  # Bitstring Status List §6.1: the least that hides who is asked about

# files of certifiers
IMPORT_BYTES: Final = 200 << 20
IMPORT_ROWS: Final = 200_000
IMPORT_FORM_BYTES: Final = IMPORT_BYTES + (64 << 10)  # with what a form puts around the file
CSV_FIELD_CHARS: Final = 10_000
CSV_LINE_CHARS: Final = 200_000
CSV_COLUMNS: Final = 200
ROWS_JSON_BYTES: Final = 16 << 20

# archives and workbooks
ARCHIVE_PARTS: Final = 5_000
ARCHIVE_DIRECTORY_BYTES: Final = 1 << 20
ARCHIVE_INFLATED_BYTES: Final = 400 << 20  # one part: 200,000 rows of 40 cells
WORKBOOK_BYTES: Final = 64 << 20
WORKBOOK_ROWS: Final = 250_000  # blank ones among them
WORKBOOK_CELLS: Final = 8_000_000  # rows times columns: each takes memory, blank or not
WORKBOOK_SHEETS: Final = 100
WORKBOOK_TEXTS_BYTES: Final = 200 << 20  # all texts, which are kept at once
MERGED_RANGES: Final = 10_000

# XML
XML_DEPTH: Final = 32  # an accrochage file has 14 levels, a fiche 6
XML_TEXT_CHARS: Final = 10_000
XML_ELEMENTS: Final = 100_000  # kept at once: one record and what stands around all of them
XML_TOKEN_BYTES: Final = 1 << 20  # one tag, one comment
FICHES_BYTES: Final = 2 << 30  # the whole RNCP, inflated, is some 600 MB
FICHE_TEXT_CHARS: Final = 500_000

# pictures
IMAGE_BYTES: Final = 20 << 20
IMAGE_PIXELS: Final = 50_000_000
QR_PAYLOAD_CHARS: Final = 8_000
QR_INFLATED_BYTES: Final = 64 << 10
PNG_CHUNKS: Final = 10_000
SVG_BYTES: Final = 4 << 20

# folders and archives of documents
BUNDLE_BYTES: Final = 2 << 30
BUNDLE_RATIO: Final = 200  # a text that says one thing over and over deflates to a fiftieth
BUNDLE_DEPTH: Final = 16
TAR_NAME_BYTES: Final = 4_096
RECEIPT_BYTES: Final = 16 << 20  # of a batch: 2 kB for each file
BATCH_BYTES: Final = 200 << 20  # sent over HTTP
BATCH_FORM_BYTES: Final = BATCH_BYTES + (64 << 10)
BATCH_DOCUMENTS: Final = 10_000
BATCH_SECONDS: Final = 3_600.0  # from when it was sent to when it is over, one way or another
BATCHES_OPEN: Final = 5  # of one organisation
REMEMBERED_DOCUMENTS: Final = 256  # keys and lists that one batch fetches once
REMEMBERED_BYTES: Final = 64 << 20

# PDF: an application of three pages with a portfolio of forty
PDF_BYTES: Final = 20 << 20
PDF_PAGES: Final = 50
PDF_PIXELS: Final = 5_000  # the longer side of a page; A4 at 300 dots per inch has 3,508
PDF_SECONDS: Final = 30  # of a processor, and by the clock
PDF_MEMORY_BYTES: Final = 1 << 30
PDF_ANSWER_BYTES: Final = 4 << 20

# databases
DATABASE_SECONDS: Final = 10.0  # how long a writer waits for another
INSPECTED_BYTES: Final = 512 << 20  # of a file that is read through before a service starts

# identifiers and keys
DID_CHARS: Final = 2_048
VERIFICATION_METHODS: Final = 256
KDF_MEMORY_KIB: Final = 256 << 10
KDF_PASSES: Final = 10
KDF_LANES: Final = 8

# the wallet
BACKUP_BYTES: Final = 64 << 20

# DCQL (OpenID4VP)
DCQL_CREDENTIALS: Final = 20
DCQL_CLAIMS: Final = 100  # of one credential, and values of one claim
DCQL_SETS: Final = 50
DCQL_PATH_STEPS: Final = 20

# certificates
X509_CHAIN: Final = 5
X509_ANCHORS: Final = 1_000  # the lists of a whole continent
X509_FILE_BYTES: Final = 4 << 20
X509_CHARS: Final = 16 << 10  # one certificate in base64

# encrypted messages
JWE_BYTES: Final = 2 << 20

# OpenID4VP
TRANSACTION_DATA: Final = 10
VP_TOKEN_BYTES: Final = 1 << 20

# events that are sent as they happen
EVENT_STREAMS: Final = 500  # at once, in one worker process; each is an open file
EVENT_STREAMS_ALIKE: Final = 4  # about one and the same thing
EVENT_SECONDS: Final = 300.0  # a request to a wallet lives as long
EVENT_ALIVE_SECONDS: Final = 15.0  # WHATWG HTML §9.2.7

# webhooks
WEBHOOKS: Final = 10  # of one organisation
WEBHOOK_SECONDS: Final = 10.0  # one attempt; a receiver answers first and works afterwards
WEBHOOK_ANSWER_BYTES: Final = 16 << 10  # nobody reads it
WEBHOOK_THREADS: Final = 4  # of one worker process

# links to a share
LINK_BYTES: Final = 384 << 10  # encrypted, of a presentation of SD_JWT_BYTES
LINK_SECONDS: Final = 92 * 86_400  # how long one may live; as long as a bearer presentation
LINK_VIEWS: Final = 10_000
LINKS_KEPT: Final = 100_000  # at once in one service
LINKS_PER_MINUTE: Final = 30  # made from one address
LINK_VIEWS_PER_MINUTE: Final = 60
CHECKS_PER_MINUTE: Final = 60

# heads of requests
URL_BYTES: Final = 16 << 10
HEADERS: Final = 100
HEADERS_BYTES: Final = 32 << 10
HEAD_BYTES: Final = 64 << 10  # as it comes, before it was understood

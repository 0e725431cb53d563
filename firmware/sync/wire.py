"""The wire between a till and the fleet, all of it by one name: topics, the batch, the small messages, envelope and seals.

Pure, and shared with fleet/, which speaks it from the other side and knows it by this file alone (firmware/sync/README.md
is the page of it). Whatever comes in is checked to the last field and raises WireFault, which says where and why; fields
that we do not know pass through."""

from firmware.journal.codec import GENESIS as GENESIS  # fleet reads these from here
from firmware.sync import archive as archive
from firmware.sync import document as document
from firmware.sync import door as door
from firmware.sync import order as order
from firmware.sync import tills as tills
from firmware.sync.batch import BATCH_BYTES as BATCH_BYTES
from firmware.sync.batch import MAX_RAW as MAX_RAW
from firmware.sync.batch import MAX_RECORDS as MAX_RECORDS
from firmware.sync.batch import Batch as Batch
from firmware.sync.batch import opened as opened
from firmware.sync.batch import pack_batch as pack_batch
from firmware.sync.batch import packed as packed
from firmware.sync.batch import read_batch as read_batch
from firmware.sync.dictionary import DICTIONARY as DICTIONARY
from firmware.sync.dictionary import DICTIONARY_VERSION as DICTIONARY_VERSION
from firmware.sync.envelope import MAX_MESSAGE as MAX_MESSAGE
from firmware.sync.envelope import MAX_SEQ as MAX_SEQ
from firmware.sync.envelope import VERSION as VERSION
from firmware.sync.envelope import WireVersion as WireVersion
from firmware.sync.envelope import hex_of as hex_of
from firmware.sync.envelope import object_of as object_of
from firmware.sync.messages import ACK_BYTES as ACK_BYTES
from firmware.sync.messages import MAX_ANSWER as MAX_ANSWER
from firmware.sync.messages import ack as ack
from firmware.sync.messages import answer as answer
from firmware.sync.messages import hello as hello
from firmware.sync.messages import notice as notice
from firmware.sync.messages import read_ack as read_ack
from firmware.sync.messages import read_answer as read_answer
from firmware.sync.messages import read_hello as read_hello
from firmware.sync.messages import read_notice as read_notice
from firmware.sync.messages import read_request as read_request
from firmware.sync.messages import read_state as read_state
from firmware.sync.messages import read_welcome as read_welcome
from firmware.sync.messages import request as request
from firmware.sync.messages import state as state
from firmware.sync.messages import welcome as welcome
from firmware.sync.seal import Seal as Seal
from firmware.sync.seal import countersigned as countersigned
from firmware.sync.seal import seal_of as seal_of
from firmware.sync.seal import signed as signed
from firmware.sync.seal import vouched as vouched
from firmware.sync.topics import DN_ACK as DN_ACK
from firmware.sync.topics import DN_ALL as DN_ALL
from firmware.sync.topics import DN_NOTICE as DN_NOTICE
from firmware.sync.topics import DN_RES as DN_RES
from firmware.sync.topics import DN_WELCOME as DN_WELCOME
from firmware.sync.topics import ROOT as ROOT
from firmware.sync.topics import STATE as STATE
from firmware.sync.topics import UP_BATCH as UP_BATCH
from firmware.sync.topics import UP_HELLO as UP_HELLO
from firmware.sync.topics import UP_REQ as UP_REQ
from firmware.sync.topics import terminal_of as terminal_of
from firmware.sync.topics import terminal_ok as terminal_ok
from firmware.sync.topics import topic as topic
from hal.ports.faults import WireFault as WireFault

#!/usr/bin/env python3
"""Writes tests/cases/pickles: .pt files as torch.save makes them, but for one operation of their pickle that meets
another kind of value than it is for. test_model_files says what each is refused with.

usage: pickles.py FOLDER
"""

import struct
import sys
import zipfile
from pathlib import Path

PROTOCOL = b"\x80\x02"
ONE, TWO, EMPTY_TUPLE, DICTIONARY, MARK = b"K\1", b"K\2", b")", b"}", b"("
CALL, STORAGE_OF, SET, SET_ALL, BUILD, STOP = b"R", b"Q", b"s", b"u", b"b", b"."


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def named(module, name):
    return b"c%s\n%s\n" % (module.encode(), name.encode())


def tuple_of(*members):
    return MARK + b"".join(members) + b"t"


ORDERED = named("collections", "OrderedDict")
REBUILD = named("torch._utils", "_rebuild_tensor_v2")
PARAMETER = named("torch._utils", "_rebuild_parameter")
FLOATS = named("torch", "FloatStorage")
NUMBER = b"K\x0a"
STORAGE_ID = tuple_of(text("storage"), FLOATS, text("0"), text("cpu"), NUMBER)
STORAGE = STORAGE_ID + STORAGE_OF


def tensor(storage=STORAGE, offset=b"K\0", shape=tuple_of(TWO, b"K\3"), stride=tuple_of(b"K\3", ONE)):
    return REBUILD + tuple_of(storage, offset, shape, stride, b"\x89", ORDERED + EMPTY_TUPLE + CALL) + CALL


def state(key, value):
    return DICTIONARY + MARK + key + value + SET_ALL


FILES = {
    "id_of_nothing": STORAGE_OF,
    "id_of_mark": MARK + STORAGE_OF,
    "id_of_number": ONE + STORAGE_OF,
    "id_of_text": text("storage") + STORAGE_OF,
    "id_of_dictionary": DICTIONARY + STORAGE_OF,
    "id_of_class": FLOATS + STORAGE_OF,
    "id_of_storage": STORAGE + STORAGE_OF,
    "id_of_tensor": tensor() + STORAGE_OF,
    "id_of_short_tuple": tuple_of(ONE) + STORAGE_OF,
    "id_of_numbers": tuple_of(ONE, ONE, ONE, ONE, ONE) + STORAGE_OF,
    "id_without_class": tuple_of(text("storage"), text("torch.FloatStorage"), text("0"), text("cpu"), NUMBER) + STORAGE_OF,
    "id_with_number_as_key": tuple_of(text("storage"), FLOATS, ONE, text("cpu"), NUMBER) + STORAGE_OF,
    "call_of_nothing": CALL,
    "call_of_arguments_alone": EMPTY_TUPLE + CALL,
    "call_of_mark": MARK + EMPTY_TUPLE + CALL,
    "call_of_number": ONE + EMPTY_TUPLE + CALL,
    "call_of_text": text("dict") + EMPTY_TUPLE + CALL,
    "call_of_dictionary": DICTIONARY + EMPTY_TUPLE + CALL,
    "call_of_class": FLOATS + EMPTY_TUPLE + CALL,
    "call_of_tensor": tensor() + EMPTY_TUPLE + CALL,
    "call_with_number": ORDERED + ONE + CALL,
    "call_with_mark": ORDERED + MARK + CALL,
    "call_with_storage": ORDERED + STORAGE + CALL,
    "call_of_ordered_with_number": ORDERED + tuple_of(ONE) + CALL,
    "call_of_rebuild_with_little": REBUILD + tuple_of(STORAGE) + CALL,
    "call_of_parameter_with_nothing": PARAMETER + EMPTY_TUPLE + CALL,
    "call_of_parameter_with_number": PARAMETER + tuple_of(ONE) + CALL,
    "call_of_parameter_with_storage": PARAMETER + tuple_of(STORAGE) + CALL,
    "set_in_nothing": SET,
    "set_in_too_little": DICTIONARY + ONE + SET,
    "set_in_number": ONE + ONE + TWO + SET,
    "set_in_mark": MARK + ONE + TWO + SET,
    "set_in_class": ORDERED + ONE + TWO + SET,
    "set_in_tensor": tensor() + ONE + TWO + SET,
    "set_all_without_mark": DICTIONARY + ONE + TWO + SET_ALL,
    "set_all_in_nothing": MARK + ONE + TWO + SET_ALL,
    "set_all_in_number": ONE + MARK + ONE + TWO + SET_ALL,
    "set_all_in_tuple": EMPTY_TUPLE + MARK + ONE + TWO + SET_ALL,
    "set_all_of_three": DICTIONARY + MARK + ONE + TWO + ONE + SET_ALL,
    "build_of_nothing": BUILD,
    "build_of_state_alone": DICTIONARY + BUILD,
    "build_of_number": ONE + DICTIONARY + BUILD,
    "build_of_mark": MARK + DICTIONARY + BUILD,
    "build_of_tensor": state(text("weight_ih_l0"), tensor() + DICTIONARY + BUILD),
    "build_with_mark": DICTIONARY + MARK + BUILD,
    "tensor_of_number": state(text("weight_ih_l0"), tensor(storage=ONE)),
    "tensor_of_tuple": state(text("weight_ih_l0"), tensor(storage=STORAGE_ID)),
    "tensor_of_tensor": state(text("weight_ih_l0"), tensor(storage=tensor())),
    "tensor_at_text": state(text("weight_ih_l0"), tensor(offset=text("0"))),
    "tensor_with_number_as_shape": state(text("weight_ih_l0"), tensor(shape=TWO)),
    "tensor_with_text_in_shape": state(text("weight_ih_l0"), tensor(shape=tuple_of(text("2"), TWO))),
    "tensor_with_negative_size": state(text("weight_ih_l0"), tensor(shape=tuple_of(b"J\xff\xff\xff\xff", TWO))),
    "tensor_with_short_stride": state(text("weight_ih_l0"), tensor(stride=tuple_of(ONE))),
    "key_of_number": state(ONE, tensor()),
    "key_of_tensor": state(tensor(), tensor()),
    "value_of_number": state(text("weight_ih_l0"), ONE),
    "value_of_mark": DICTIONARY + text("weight_ih_l0") + MARK + SET,
    "top_of_nothing": b"",
    "top_of_number": ONE,
    "top_of_mark": MARK,
    "top_of_class": ORDERED,
    "top_of_storage": STORAGE,
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for name, operations in FILES.items():
        with zipfile.ZipFile(folder / (name + ".pt"), "w") as archive:
            for entry, content in (
                ("data.pkl", PROTOCOL + operations + STOP),
                ("data/0", struct.pack("<10f", *range(10))),
                ("version", b"3\n"),
            ):
                archive.writestr(zipfile.ZipInfo(name + "/" + entry), content)


if __name__ == "__main__":
    main()

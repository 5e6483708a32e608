"""Writers for the files of Kaldi and OpenFst that Vosk reads, in plain Python.

Formats: Kaldi's ``hmm/transition-model.cc``, ``hmm/hmm-topology.cc``, ``nnet3/nnet-nnet.cc`` and
``base/io-funcs``; OpenFst's ``vector-fst.h``, file version 2.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Layer = tuple[np.ndarray, np.ndarray]  # weights (out, in) and biases (out,)


class KaldiWriter:
    """Kaldi's binary form: tokens end in a blank, numbers are preceded by their size."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0B")

    def token(self, *names: str) -> None:
        for name in names:
            self.data += name.encode() + b" "

    def integers(self, *values: int) -> None:
        for value in values:
            self.data += b"\4" + struct.pack("<i", value)

    def single(self, value: float) -> None:
        self.data += b"\4" + struct.pack("<f", value)

    def double(self, value: float) -> None:
        self.data += b"\x08" + struct.pack("<d", value)

    def integer_list(self, values: Sequence[int]) -> None:
        self.data += b"\4" + struct.pack("<i", len(values)) + np.asarray(values, "<i4").tobytes()

    def vector(self, values: Sequence[float] | np.ndarray) -> None:
        self.data += b"FV \4" + struct.pack("<i", len(values)) + np.asarray(values, "<f4").tobytes()

    def matrix(self, values: np.ndarray) -> None:
        rows, columns = values.shape
        self.data += b"FM \4" + struct.pack("<i", rows) + b"\4" + struct.pack("<i", columns)
        self.data += np.ascontiguousarray(values, "<f4").tobytes()


def write_transition_model(
    to: KaldiWriter, pdfs: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """One emitting state a phone, with its own output on entry and while staying.

    ``pdfs`` maps a phone's number to these two outputs. Returns the transition-ids (entry, stay) of each.
    """
    phones = sorted(pdfs)
    to.token("<TransitionModel>", "<Topology>")
    to.integer_list(phones)
    to.integer_list([0 if number in pdfs else -1 for number in range(phones[-1] + 1)])
    to.integers(-1, 1, 2)  # entry and stay differ; one topology of two states
    to.integers(0, 1, 2)  # entry's class 0, stay's class 1, two transitions
    for target in (0, 1):
        to.integers(target)
        to.single(0.5)
    to.integers(-1, -1, 0)  # the final state emits nothing
    to.token("</Topology>")
    entries = sorted((phone, 0, *pdfs[phone]) for phone in phones)
    to.token("<Tuples>")
    to.integers(len(entries), *(value for entry in entries for value in entry))
    to.token("</Tuples>", "<LogProbs>")
    to.vector([0.0] + [math.log(0.5)] * (2 * len(entries)))
    to.token("</LogProbs>", "</TransitionModel>")
    # Transition-ids count from 1, two an entry: the loop first, then the way out.
    return {entry[0]: (2 * index + 2, 2 * index + 1) for index, entry in enumerate(entries)}


def write_network(
    to: KaldiWriter, layers: Sequence[Layer], offsets: Sequence[Sequence[int]], inputs: int
) -> None:
    """An nnet3 network: a rectified layer over spliced frames for each of ``offsets``, then the output."""
    config, components, previous = [f"input-node name=input dim={inputs}"], [], "input"
    for number, (layer, around) in enumerate(zip(layers, offsets, strict=False), start=1):
        spliced = ", ".join(previous if o == 0 else f"Offset({previous}, {o})" for o in around)
        name = f"tdnn{number}"
        config += [
            f"component-node name={name}.affine component={name}.affine input=Append({spliced})",
            f"component-node name={name}.relu component={name}.relu input={name}.affine",
        ]
        components += [(f"{name}.affine", layer), (f"{name}.relu", len(layer[1]))]
        previous = f"{name}.relu"
    config += [
        f"component-node name=output.affine component=output.affine input={previous}",
        "output-node name=output input=output.affine objective=linear",
    ]
    components.append(("output.affine", layers[-1]))
    to.token("<Nnet3>")
    to.data += ("\n" + "\n".join(config) + "\n\n").encode()
    to.token("<NumComponents>")
    to.integers(len(components))
    for name, component in components:
        to.token("<ComponentName>", name)
        if isinstance(component, int):
            _write_rectifier(to, component)
        else:
            to.token("<FixedAffineComponent>", "<LinearParams>")
            to.matrix(component[0])
            to.token("<BiasParams>")
            to.vector(component[1])
            to.token("</FixedAffineComponent>")
    context = sum(max(around) for around in offsets)
    to.token("</Nnet3>", "<LeftContext>")
    to.integers(context)
    to.token("<RightContext>")
    to.integers(context)
    to.token("<Priors>")
    to.vector([])


def _write_rectifier(to: KaldiWriter, size: int) -> None:
    to.token("<RectifiedLinearComponent>", "<Dim>")
    to.integers(size)
    for statistics in ("<ValueAvg>", "<DerivAvg>"):
        to.token(statistics)
        to.vector([])
    to.token("<Count>")
    to.double(0.0)
    to.token("<OderivRms>")
    to.vector([])
    for count in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
        to.token(count)
        to.double(0.0)
    to.token("</RectifiedLinearComponent>")


class Fst:
    """A weighted transducer; costs are negative logarithms of probabilities."""

    def __init__(self) -> None:
        self.arcs: list[list[tuple[int, int, float, int]]] = []
        self.final: list[float] = []

    def state(self, final: float = math.inf) -> int:
        self.arcs.append([])
        self.final.append(final)
        return len(self.arcs) - 1

    def arc(self, start: int, reads: int, writes: int, cost: float, end: int) -> None:
        self.arcs[start].append((reads, writes, cost, end))

    def write(self, path: Path, *, sorted_by_input: bool = False) -> None:
        properties = 0x1 | 0x2  # expanded, mutable
        if sorted_by_input:
            properties |= 0x10000000
            for arcs in self.arcs:
                arcs.sort()
        text = lambda value: struct.pack("<i", len(value)) + value  # noqa: E731
        data = bytearray(struct.pack("<i", 2125659606) + text(b"vector") + text(b"standard"))
        counts = (len(self.arcs), sum(map(len, self.arcs)))
        data += struct.pack("<iiQqqq", 2, 0, properties, 0, *counts)
        for final, arcs in zip(self.final, self.arcs, strict=True):
            data += struct.pack("<fq", final, len(arcs))
            for reads, writes, cost, end in arcs:
                data += struct.pack("<iifi", reads, writes, cost, end)
        path.write_bytes(bytes(data))

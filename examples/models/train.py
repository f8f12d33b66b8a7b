#!/usr/bin/python3
"""Trains napier's five example networks on Fashion-MNIST and exports them as ONNX.

Needs Debian 12's python3-torch (1.13) and dataset-fashion-mnist; nothing else.

    /usr/bin/python3 train.py --model all --out . --reference ../../tests/network/data

Preprocessing, in training and in the exported networks alike: a pixel (0..255) divided by 255
in FP32. Input: float32, N x 1 x 28 x 28. Output: 10 logits an image.

The weights are those of the last epoch. The test set is evaluated for the log alone: nothing is
chosen by it. With the same versions, processor and thread count a run repeats bit for bit.
"""

import argparse
import gzip
import math
import pathlib
import platform
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

# The names of a network's layers here are the names of its nodes in the ONNX file: in both, `conv*`
# is every convolution.


class Add(nn.Module):
    """A module, so that the node gets a name."""

    def forward(self, a, b):
        return a + b


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.flatten = nn.Flatten(1)
        self.fc1 = nn.Linear(400, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.pool2(self.relu2(self.conv2(x)))
        x = self.flatten(x)
        x = self.relu3(self.fc1(x))
        x = self.relu4(self.fc2(x))
        return self.fc3(x)


class Vgg8(nn.Module):
    """Plain: pairs of 3x3 convolutions with a bias and no batch norm, a pool after each pair."""

    def __init__(self, widths=(8, 16, 32)):
        super().__init__()
        inputs = 1
        for stage, width in enumerate(widths, 1):
            for letter in "ab":
                conv = nn.Conv2d(inputs, width, 3, padding=1)
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
                setattr(self, f"conv{stage}{letter}", conv)
                setattr(self, f"relu{stage}{letter}", nn.ReLU())
                inputs = width
            setattr(self, f"pool{stage}", nn.MaxPool2d(2))
        self.flatten = nn.Flatten(1)
        self.fc1 = nn.Linear(3 * 3 * inputs, 64)
        self.relu4 = nn.ReLU()
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        for stage in (1, 2, 3):
            for letter in "ab":
                x = getattr(self, f"relu{stage}{letter}")(getattr(self, f"conv{stage}{letter}")(x))
            x = getattr(self, f"pool{stage}")(x)
        x = self.relu4(self.fc1(self.flatten(x)))
        return self.fc2(x)


class Normalised(nn.Module):
    """Convolutions without a bias, each with its batch norm."""

    def add_conv(self, name, inputs, outputs, kernel, stride, groups=1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        mode = "fan_out" if groups == 1 else "fan_in"  # of a grouped one PyTorch's fan_out counts all groups
        nn.init.kaiming_normal_(conv.weight, mode=mode, nonlinearity="relu")
        setattr(self, f"conv{name}", conv)
        setattr(self, f"bn{name}", nn.BatchNorm2d(outputs))

    def conv_bn(self, name, x):
        return getattr(self, f"bn{name}")(getattr(self, f"conv{name}")(x))

    def conv_bn_relu(self, name, x):
        return getattr(self, f"relu{name}")(self.conv_bn(name, x))


class ResNet8(Normalised):
    """A stem and three residual blocks. The letters a and b are the two convolutions of a block,
    s its 1x1 shortcut."""

    def __init__(self, widths=(8, 16, 32)):
        super().__init__()
        self.add_conv("1", 1, widths[0], 3, 1)
        self.relu1 = nn.ReLU()
        inputs, stride = widths[0], 1
        for stage, width in enumerate(widths, 2):
            self.add_conv(f"{stage}a", inputs, width, 3, stride)
            setattr(self, f"relu{stage}a", nn.ReLU())
            self.add_conv(f"{stage}b", width, width, 3, 1)
            if stride != 1 or inputs != width:
                self.add_conv(f"{stage}s", inputs, width, 1, stride)
            setattr(self, f"add{stage}", Add())
            setattr(self, f"relu{stage}", nn.ReLU())
            inputs, stride = width, 2
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.relu1(self.conv_bn("1", x))
        for stage in (2, 3, 4):
            y = getattr(self, f"relu{stage}a")(self.conv_bn(f"{stage}a", x))
            y = self.conv_bn(f"{stage}b", y)
            shortcut = self.conv_bn(f"{stage}s", x) if hasattr(self, f"conv{stage}s") else x
            x = getattr(self, f"relu{stage}")(getattr(self, f"add{stage}")(y, shortcut))
        return self.fc(self.flatten(self.pool(x)))


class MobileNet18(Normalised):
    """A stem and eight depthwise-separable blocks (MobileNet v1). The letters: d the depthwise 3x3
    convolution of a block, p the pointwise 1x1 one after it."""

    def __init__(self, blocks=((32, 2), (32, 1), (64, 2), (64, 1), (64, 1), (64, 1), (64, 1), (64, 1))):
        super().__init__()
        inputs = 16
        self.add_conv("1", 1, inputs, 3, 1)
        self.relu1 = nn.ReLU()
        for block, (width, stride) in enumerate(blocks, 2):
            self.add_conv(f"{block}d", inputs, inputs, 3, stride, inputs)
            setattr(self, f"relu{block}d", nn.ReLU())
            self.add_conv(f"{block}p", inputs, width, 1, 1)
            setattr(self, f"relu{block}p", nn.ReLU())
            inputs = width
        self.blocks = range(2, 2 + len(blocks))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.conv_bn_relu("1", x)
        for block in self.blocks:
            x = self.conv_bn_relu(f"{block}p", self.conv_bn_relu(f"{block}d", x))
        return self.fc(self.flatten(self.pool(x)))


class ResNeXt11(Normalised):
    """A stem and three residual blocks whose middle convolution has eight groups. The letters: a the
    1x1 convolution into a block, g the grouped 3x3 one, b the 1x1 one out of it, s the 1x1 shortcut."""

    def __init__(self, blocks=((24, 1), (48, 2), (48, 1)), groups=8):
        super().__init__()
        inputs = 16
        self.add_conv("1", 1, inputs, 3, 1)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        for block, (width, stride) in enumerate(blocks, 2):
            self.add_conv(f"{block}a", inputs, width, 1, 1)
            setattr(self, f"relu{block}a", nn.ReLU())
            self.add_conv(f"{block}g", width, width, 3, stride, groups)
            setattr(self, f"relu{block}g", nn.ReLU())
            self.add_conv(f"{block}b", width, width, 1, 1)
            if stride != 1 or inputs != width:
                self.add_conv(f"{block}s", inputs, width, 1, stride)
            setattr(self, f"add{block}", Add())
            setattr(self, f"relu{block}", nn.ReLU())
            inputs = width
        self.blocks = range(2, 2 + len(blocks))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.pool1(self.conv_bn_relu("1", x))
        for block in self.blocks:
            y = self.conv_bn_relu(f"{block}g", self.conv_bn_relu(f"{block}a", x))
            y = self.conv_bn(f"{block}b", y)
            shortcut = self.conv_bn(f"{block}s", x) if hasattr(self, f"conv{block}s") else x
            x = getattr(self, f"relu{block}")(getattr(self, f"add{block}")(y, shortcut))
        return self.fc(self.flatten(self.pool(x)))


MODELS = {
    "lenet5": dict(network=LeNet5, epochs=30, rate=0.004, decay=2e-3, smoothing=0.0, shift=1),
    "resnet8": dict(network=ResNet8, epochs=36, rate=0.01, decay=1e-2, smoothing=0.05, shift=1),
    "vgg8": dict(network=Vgg8, epochs=8, rate=0.004, decay=2e-3, smoothing=0.0, shift=1),
    "mobilenet18": dict(network=MobileNet18, epochs=8, rate=0.01, decay=1e-2, smoothing=0.0, shift=1),
    "resnext11": dict(network=ResNeXt11, epochs=8, rate=0.01, decay=1e-2, smoothing=0.0, shift=1),
}
BATCH = 128
SEED = 1614  # Napier's Mirifici Logarithmorum Canonis Descriptio


def read_idx(path):
    data = gzip.decompress(path.read_bytes())
    if data[:3] != b"\0\0\x08":
        raise SystemExit(f"{path}: not an IDX file of bytes")
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return torch.from_numpy(np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape).copy())


def read_set(folder, name):
    images = read_idx(folder / f"{name}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")
    return images.unsqueeze(1).float() / 255, labels.long()


def augment(images, shift, generator):
    """Each image flipped left to right with probability 1/2 and moved by up to `shift` pixels."""
    count, _, height, width = images.shape
    flip = torch.rand(count, generator=generator) < 0.5
    images = torch.where(flip.view(-1, 1, 1, 1), images.flip(3), images)
    padded = functional.pad(images, [shift] * 4)
    top = torch.randint(0, 2 * shift + 1, (count, 1), generator=generator)
    left = torch.randint(0, 2 * shift + 1, (count, 1), generator=generator)
    rows = (top + torch.arange(height)).unsqueeze(2)
    columns = (left + torch.arange(width)).unsqueeze(1)
    return padded[torch.arange(count).view(-1, 1, 1), 0, rows, columns].unsqueeze(1)


def evaluate(network, images):
    network.eval()
    with torch.no_grad():
        return torch.cat([network(batch) for batch in images.split(500)])


def correct(logits, labels, k):
    """Answers with fewer than k better ones; of equal logits the lower class comes first."""
    order = logits.argsort(dim=1, descending=True, stable=True)[:, :k]
    return int((order == labels.unsqueeze(1)).any(1).sum())


def train(name, train_set, test_set, epochs, seed):
    options = MODELS[name]
    epochs = epochs or options["epochs"]
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = options["network"]()
    images, labels = train_set
    steps = math.ceil(len(labels) / BATCH)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": options["decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=options["rate"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, options["rate"], epochs=epochs, steps_per_epoch=steps, pct_start=0.2)
    loss_of = nn.CrossEntropyLoss(label_smoothing=options["smoothing"])

    parameters = sum(p.numel() for p in network.parameters())
    print(f"{name}: {parameters} parameters, {epochs} epochs, batch {BATCH}, seed {seed}, "
          f"learning rate {options['rate']}, weight decay {options['decay']}, "
          f"label smoothing {options['smoothing']}, shift {options['shift']}", flush=True)
    start = time.time()
    for epoch in range(1, epochs + 1):
        network.train()
        total = 0.0
        for chosen in torch.randperm(len(labels), generator=generator).split(BATCH):
            optimiser.zero_grad()
            loss = loss_of(network(augment(images[chosen], options["shift"], generator)), labels[chosen])
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(chosen)
        right = correct(evaluate(network, test_set[0]), test_set[1], 1)
        print(f"{name} epoch {epoch:2d}  loss {total / len(labels):.4f}  "
              f"test {100 * right / len(test_set[1]):.2f} %  {time.time() - start:.0f} s", flush=True)
    return network


# ---- ONNX ------------------------------------------------------------------------------------
# The exporter calls the node of module conv1 "/conv1/Conv" and its result "/conv1/Conv_output_0".
# Both become "conv1". The file is a protobuf message, rewritten here field by field.


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def encode_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def rename(data, fields):
    """The message with the strings of some fields renamed. `fields` maps a field's number to a
    map of the same kind for a message, to None for a string."""
    out, at = bytearray(), 0
    while at < len(data):
        begin = at
        key, at = varint(data, at)
        wire_type = key & 7
        if wire_type == 2:
            size, at = varint(data, at)
            body = data[at : at + size]
            at += size
            if key >> 3 in fields:
                inner = fields[key >> 3]
                body = rename(body, inner) if inner is not None else short_name(body.decode()).encode()
            out += encode_varint(key) + encode_varint(len(body)) + body
            continue
        at = varint(data, at)[1] if wire_type == 0 else at + {1: 8, 5: 4}[wire_type]
        out += data[begin:at]
    return bytes(out)


def short_name(name):
    return name.split("/")[1] if name.startswith("/") else name


NODE = {1: None, 2: None, 3: None}  # input, output, name
MODEL = {7: {1: NODE, 13: {1: None}}}  # graph: node, value_info


def export(network, path):
    network.eval()
    network.training = True  # of the top alone, no layer: else equal initializers are merged through Identity nodes
    torch.onnx.export(
        network, torch.zeros(1, 1, 28, 28), str(path), opset_version=13,
        training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
        input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    network.eval()
    path.write_bytes(rename(path.read_bytes(), MODEL))


# ---- Reference results -----------------------------------------------------------------------


def write_reference(folder, name, logits, labels):
    lines = [f"# {name}.onnx: logits of Fashion-MNIST test images 0..15, a line an image; PyTorch "
             f"{torch.__version__} FP32, eval mode, pixel / 255 (examples/models/train.py)"]
    lines += [" ".join(f"{x:.9g}" for x in row) for row in logits[:16].tolist()]
    (folder / f"{name}_logits.txt").write_text("\n".join(lines) + "\n")
    answers = logits.argmax(1).tolist()
    (folder / f"{name}_answers.txt").write_text("".join(map(str, answers)) + "\n")
    scores = {}
    path = folder / "accuracy.txt"
    if path.exists():
        scores = {line.split()[0]: line for line in path.read_text().splitlines()[1:]}
    scores[name] = f"{name} {correct(logits, labels, 1)} {correct(logits, labels, 5)} {len(labels)}"
    path.write_text("\n".join(
        ["# network, correct top-1, correct top-5, images: Fashion-MNIST test set, PyTorch FP32 "
         "(examples/models/train.py)"] + [scores[key] for key in sorted(scores)]) + "\n")
    print(f"{scores[name]} (name, top-1, top-5, images)", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Train napier's example networks on Fashion-MNIST.")
    parser.add_argument("--model", choices=[*MODELS, "all"], default="all")
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--out", type=pathlib.Path, default=".", help="folder for the .onnx files")
    parser.add_argument("--reference", type=pathlib.Path, help="folder for the results the tests compare with")
    parser.add_argument("--epochs", type=int, help="default: the model's own, in MODELS")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(options.threads)
    print(f"Python {platform.python_version()}, PyTorch {torch.__version__}, {options.threads} thread(s)", flush=True)
    train_set, test_set = read_set(options.data, "train"), read_set(options.data, "t10k")
    for name in MODELS if options.model == "all" else [options.model]:
        network = train(name, train_set, test_set, options.epochs, options.seed)
        options.out.mkdir(parents=True, exist_ok=True)
        export(network, options.out / f"{name}.onnx")
        if options.reference:
            options.reference.mkdir(parents=True, exist_ok=True)
            write_reference(options.reference, name, evaluate(network, test_set[0]), test_set[1])


if __name__ == "__main__":
    main()

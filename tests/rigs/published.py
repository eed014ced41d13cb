"""Further members of the published families: their weights by name, and what they compute.

Names and shapes are written down from the published programs' layout, or grown from the lists in
`shared/golden`; the arithmetic is torch's functions on those names. Nothing here uses a network of
this project, so that agreement means something.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]
Weights = Mapping[str, Tensor]

VGG13 = (64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512)
CSRNET = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512)
CSRNET_DECODER = (512, 512, 512, 256, 128, 64)
"""Widths of 3×3 convolutions in order; 0 is a pooling."""


def convolution(name: str, out: int, inner: int, side: int, *, has_bias: bool = True) -> Shapes:
    """Names and shapes of a convolution."""
    bias: Shapes = {f"{name}.bias": (out,)} if has_bias else {}
    return {f"{name}.weight": (out, inner, side, side)} | bias


def normalization(name: str, width: int) -> Shapes:
    """Names and shapes of a batch normalization."""
    leaves = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{leaf}": (width,) for leaf in leaves} | {f"{name}.num_batches_tracked": ()}


def stack(prefix: str, plan: Sequence[int], inner: int, *, has_norm: bool) -> Shapes:
    """Names and shapes of VGG's layers, numbered as in a sequence with activations and poolings."""
    shapes: Shapes = {}
    for index, width, kind in _numbered(plan, has_norm=has_norm):
        if kind == "conv":
            shapes |= convolution(f"{prefix}.{index}", width, inner, 3)
            inner = width
        elif kind == "norm":
            shapes |= normalization(f"{prefix}.{index}", width)
    return shapes


def through_stack(
    x: Tensor, w: Weights, prefix: str, plan: Sequence[int], *, has_norm: bool, dilation: int = 1
) -> Tensor:
    """Compute those layers."""
    for index, _, kind in _numbered(plan, has_norm=has_norm):
        name = f"{prefix}.{index}"
        if kind == "conv":
            x = F.conv2d(
                x, w[f"{name}.weight"], w[f"{name}.bias"], padding=dilation, dilation=dilation
            )
        elif kind == "norm":
            x = normalized(x, w, name)
        else:
            x = F.relu(x) if kind == "relu" else F.max_pool2d(x, 2)
    return x


def _numbered(plan: Sequence[int], *, has_norm: bool) -> Iterator[tuple[int, int, str]]:
    index = 0
    for width in plan:
        kinds = ("conv", "norm", "relu") if has_norm else ("conv", "relu")
        for kind in kinds if width else ("pool",):
            yield index, width, kind
            index += 1


def normalized(x: Tensor, w: Weights, name: str) -> Tensor:
    """Compute a batch normalization with its running statistics."""
    mean, variance = w[f"{name}.running_mean"], w[f"{name}.running_var"]
    return F.batch_norm(x, mean, variance, w[f"{name}.weight"], w[f"{name}.bias"])


def residual(name: str, inner: int, width: int) -> Shapes:
    """Names and shapes of a basic residual block of CLIP-EBC."""
    shapes = convolution(f"{name}.conv1", width, inner, 3, has_bias=False)
    shapes |= normalization(f"{name}.bn1", width) | normalization(f"{name}.bn2", width)
    shapes |= convolution(f"{name}.conv2", width, width, 3, has_bias=False)
    return shapes | _shortcut(name, inner, width)


def bottleneck(name: str, inner: int, width: int) -> Shapes:
    """Names and shapes of a bottleneck block of CLIP-EBC, expansion 1."""
    shapes: Shapes = {}
    for number, (before, side) in enumerate(((inner, 1), (width, 3), (width, 1)), start=1):
        shapes |= convolution(f"{name}.conv{number}", width, before, side, has_bias=False)
        shapes |= normalization(f"{name}.bn{number}", width)
    return shapes | _shortcut(name, inner, width)


def _shortcut(name: str, inner: int, width: int) -> Shapes:
    if inner == width:
        return {}
    shapes = convolution(f"{name}.downsample.0", width, inner, 1, has_bias=False)
    return shapes | normalization(f"{name}.downsample.1", width)


def through_residual(x: Tensor, w: Weights, name: str, *, norm: str = "bn") -> Tensor:
    """Compute a residual block of two or three convolutions, whatever their sides and groups.

    A grouped convolution may be followed by its own 1×1 (`conv1_1x1`).
    """
    y, number = x, 1
    while f"{name}.conv{number}.weight" in w:
        y = F.relu(y) if number > 1 else y
        y = _same(y, w[f"{name}.conv{number}.weight"])
        if f"{name}.conv{number}_1x1.weight" in w:
            y = _same(y, w[f"{name}.conv{number}_1x1.weight"])
        y = normalized(y, w, f"{name}.{norm}{number}")
        number += 1
    if f"{name}.downsample.0.weight" in w:
        x = normalized(_same(x, w[f"{name}.downsample.0.weight"]), w, f"{name}.downsample.1")
    return F.relu(x + y)


def _same(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=x.shape[1] // weight.shape[1])


def enlarged(x: Tensor, factor: float) -> Tensor:
    """Compute a bilinear change of size."""
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def context(x: Tensor, w: Weights, prefix: str) -> Tensor:
    """Compute CANNet's context module with torch's own adaptive pooling."""
    scales = [
        F.interpolate(
            F.conv2d(F.adaptive_avg_pool2d(x, side), w[f"{prefix}.scales.{index}.1.weight"]),
            x.shape[-2:],
            mode="bilinear",
            align_corners=False,
        )
        for index, side in enumerate((1, 2, 3, 6))
    ]
    weigh = (w[f"{prefix}.weight_net.weight"], w[f"{prefix}.weight_net.bias"])
    weights = [torch.sigmoid(F.conv2d(x - scale, *weigh)) for scale in scales]
    mean = sum(a * b for a, b in zip(scales, weights, strict=True)) / (sum(weights) + 1e-6)
    joined = torch.cat([torch.as_tensor(mean), x], dim=1)
    name = f"{prefix}.bottleneck"
    return F.relu(F.conv2d(joined, w[f"{name}.weight"], w[f"{name}.bias"]))


def classified(x: Tensor, w: Weights, name: str, values: Sequence[float]) -> Tensor:
    """Compute EBC's density from features: a 1×1 convolution and the expectation."""
    logits = F.conv2d(x, w[f"{name}.weight"], w[f"{name}.bias"])
    return expectation(logits, values)


def expectation(logits: Tensor, values: Sequence[float]) -> Tensor:
    """Compute the mean of the values under the chances."""
    return torch.einsum("nkhw,k->nhw", logits.softmax(dim=1), torch.tensor(values))


def vit_features(x: Tensor, w: Weights, *, patch_px: int, heads: int) -> Tensor:
    """Compute CLIP-EBC's vision transformer with QuickGELU and its learned tokens."""
    tower = "image_encoder."
    patches = F.conv2d(x, w[f"{tower}conv1.weight"], stride=patch_px)
    batch, width, rows, columns = patches.shape
    of_class = w[f"{tower}class_embedding"].expand(batch, 1, -1)
    tokens = torch.cat([of_class, patches.flatten(2).transpose(1, 2)], dim=1)
    tokens = _layer_norm(tokens + w[f"{tower}positional_embedding"], w, f"{tower}ln_pre")
    prompts = w["vpt_0"].expand(batch, -1, -1)
    count, index = prompts.shape[1], 0
    while f"{tower}transformer.resblocks.{index}.ln_1.weight" in w:
        prompts = w[f"vpt_{index}"].expand(batch, -1, -1) if f"vpt_{index}" in w else prompts
        tokens = torch.cat([tokens[:, :1], prompts, tokens[:, 1:]], dim=1)
        tokens = _transformer_layer(tokens, w, f"{tower}transformer.resblocks.{index}", heads)
        prompts = tokens[:, 1 : 1 + count]
        tokens = torch.cat([tokens[:, :1], tokens[:, 1 + count :]], dim=1)
        index += 1
    features = _layer_norm(tokens, w, f"{tower}ln_post")[:, 1:]
    return features.transpose(1, 2).reshape(batch, width, rows, columns)


def _transformer_layer(tokens: Tensor, w: Weights, name: str, heads: int) -> Tensor:
    y = _layer_norm(tokens, w, f"{name}.ln_1").transpose(0, 1)
    attended, _ = F.multi_head_attention_forward(
        y, y, y, y.shape[-1], heads,
        w[f"{name}.attn.in_proj_weight"], w[f"{name}.attn.in_proj_bias"], None, None, False, 0.0,
        w[f"{name}.attn.out_proj.weight"], w[f"{name}.attn.out_proj.bias"], training=False,
        need_weights=False,
    )  # fmt: skip
    tokens = tokens + attended.transpose(0, 1)
    y = _layer_norm(tokens, w, f"{name}.ln_2")
    y = F.linear(y, w[f"{name}.mlp.c_fc.weight"], w[f"{name}.mlp.c_fc.bias"])
    y = y * torch.sigmoid(1.702 * y)
    return tokens + F.linear(y, w[f"{name}.mlp.c_proj.weight"], w[f"{name}.mlp.c_proj.bias"])


def _layer_norm(tokens: Tensor, w: Weights, name: str) -> Tensor:
    return F.layer_norm(tokens, tokens.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])


def grown_vit(
    base: Shapes, *, patch_px: int, prompts: int, is_deep: bool, is_large: bool = False
) -> Shapes:
    """Grow CLIP-EBC's ViT-B/16 into another member of its family.

    L/14 is OpenAI's: 24 layers 1024 wide, a text half 768 wide, vectors of 768.
    """
    layers, width, text_width = (24, 1024, 768) if is_large else (12, 768, 512)
    image = {768: width, 2304: 3 * width, 3072: 4 * width}
    text = {512: text_width, 1536: 3 * text_width, 2048: 4 * text_width}
    side = 224 // patch_px
    found: Shapes = {}
    for name, shape in base.items():
        if name.startswith("vpt_"):
            continue
        sizes = text if name.startswith("text_encoder.") else image
        grown = tuple(sizes.get(one, one) for one in shape)
        match name:
            case "image_encoder.conv1.weight":
                grown = (width, 3, patch_px, patch_px)
            case "image_encoder.positional_embedding":
                grown = (1 + side * side, width)
            case "projection.weight":
                grown = (text_width, width, 1, 1)
            case "projection.bias":
                grown = (text_width,)
        found[name] = grown
        layer = re.match(r"(image_encoder\.transformer\.resblocks\.)(\d+)(\..*)", name)
        if layer and is_large:
            found[f"{layer[1]}{int(layer[2]) + 12}{layer[3]}"] = grown
    counted = range(layers if is_deep else 1)
    return found | {f"vpt_{index}": (prompts, width) for index in counted}


def grown_resnet101(base: Shapes) -> Shapes:
    """Grow CLIP-EBC's RN50 into RN101: 23 blocks in the third stage, vectors of 512."""
    found = {name: shape for name, shape in base.items() if not name.startswith("image_decoder.")}
    for name, shape in list(found.items()):
        block = re.match(r"(image_encoder\.layer3\.)5(\..*)", name)
        if block:
            found |= {f"{block[1]}{index}{block[2]}": shape for index in range(6, 23)}
    found |= bottleneck("image_decoder.0", 2048, 2048) | bottleneck("image_decoder.1", 2048, 1024)
    found |= {"projection.weight": (512, 1024, 1, 1), "projection.bias": (512,)}
    return found | {"text_encoder.text_projection": (512, 512)}


def with_bins(base: Shapes, bins: int) -> Shapes:
    """Give a file of ZIP as many bins as another data set has."""
    positive = bins - 1
    found = dict(base)
    found["bin_centers"] = (1, bins, 1, 1)
    for name in ("bin_head.weight", "bin_head.bias", "lambda_text_feats"):
        if name in found:
            found[name] = (positive, *found[name][1:])
    return found


def spread(x: Tensor) -> float:
    """How much a map varies: a map that does not proves nothing."""
    return float(x.std()) / max(math.ulp(1.0), float(x.mean()))

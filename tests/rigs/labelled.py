"""Tiny marked pictures in the layouts that data sets are published in."""

import json
from pathlib import Path

import cv2
import numpy as np
import scipy.io

from training.data.folder import SplitSet, write_folder
from training.data.labelled import LabelledPicture, LabelledSet


def dotted_picture(size_hw: tuple[int, int], people: int, *, seed: int):
    """Draw dark heads on light ground; gives the picture (BGR) and the heads, (N, 2) x and y."""
    draw = np.random.default_rng(seed)
    height, width = size_hw
    image = draw.normal(200, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
    points = draw.uniform((6, 6), (width - 6, height - 6), (people, 2)).astype(np.float32)
    for x, y in points:
        cv2.circle(image, (round(float(x)), round(float(y))), 4, (30, 30, 60), -1, cv2.LINE_AA)
    return image, points


def write_picture(path: Path, image) -> Path:
    """Write a picture, making its folder; PNG keeps every pixel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def write_shanghaitech_marks(path: Path, points, *, stated: int | None = None) -> Path:
    """Write marks as ShanghaiTech does: image_info{1}.location and .number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    inner = np.empty((1, 1), dtype=[("location", object), ("number", object)])
    inner[0, 0] = (
        np.asarray(points, dtype=np.float64),
        np.array([[len(points) if stated is None else stated]], dtype=np.uint16),
    )
    info = np.empty((1, 1), dtype=object)
    info[0, 0] = inner
    scipy.io.savemat(str(path), {"image_info": info})
    return path


def write_shanghaitech(folder: Path, counts, *, size_hw=(96, 128)) -> Path:
    """Write a whole part as published, one picture for each count of people."""
    for number, people in enumerate(counts, start=1):
        image, points = dotted_picture(size_hw, people, seed=number)
        write_picture(folder / "images" / f"IMG_{number}.jpg", image)
        write_shanghaitech_marks(folder / "ground-truth" / f"GT_IMG_{number}.mat", points)
    return folder


def write_mall(folder: Path, counts, *, size_hw=(96, 128)) -> Path:
    """Write the Mall set as published: frames and one file of marks."""
    frames = np.empty((1, len(counts)), dtype=object)
    for index, people in enumerate(counts):
        image, points = dotted_picture(size_hw, people, seed=100 + index)
        write_picture(folder / "frames" / f"seq_{index + 1:06d}.jpg", image)
        inner = np.empty((1, 1), dtype=[("loc", object)])
        inner[0, 0] = (np.asarray(points, dtype=np.float64),)
        frames[0, index] = inner
    marks = {"frame": frames, "count": np.array(counts, dtype=np.float64).reshape(-1, 1)}
    scipy.io.savemat(str(folder / "mall_gt.mat"), marks)
    return folder


def write_ann_points(path: Path, points) -> Path:
    """Write marks as UCF and NWPU do: the variable annPoints; an empty array where nobody is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    marks = np.asarray(points, dtype=np.float64)
    scipy.io.savemat(str(path), {"annPoints": marks if len(marks) else np.zeros((0, 0))})
    return path


def write_ucf_qnrf(folder: Path, train, test, *, size_hw=(96, 128)) -> Path:
    """Write UCF-QNRF as published; pictures of both parts have the same names."""
    for part, counts, seed in (("Train", train, 300), ("Test", test, 400)):
        for number, people in enumerate(counts, start=1):
            image, points = dotted_picture(size_hw, people, seed=seed + number)
            write_picture(folder / part / f"img_{number:04d}.jpg", image)
            write_ann_points(folder / part / f"img_{number:04d}_ann.mat", points)
    return folder


def write_ucf_cc_50(folder: Path, counts, *, size_hw=(64, 80)) -> Path:
    """Write UCF_CC_50 as published: grey pictures and marks in one folder."""
    for number, people in enumerate(counts, start=1):
        image, points = dotted_picture(size_hw, people, seed=500 + number)
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        write_picture(folder / f"{number}.jpg", grey)
        write_ann_points(folder / f"{number}_ann.mat", points)
    return folder


def write_nwpu_crowd(folder: Path, train, val, test_pictures, *, size_hw=(96, 128)) -> Path:
    """Write NWPU-Crowd as published: pictures in five parts, marks beside, three lists."""
    number = 0
    for part, counts in (("train", train), ("val", val), ("test", [2] * test_pictures)):
        rows = []
        for people in counts:
            number += 1
            image, points = dotted_picture(size_hw, people, seed=600 + number)
            write_picture(folder / f"images_part{number % 5 + 1}" / f"{number:04d}.jpg", image)
            rows.append(f"{number:04d} 0 3")
            if part != "test":
                write_ann_points(folder / "mats" / f"{number:04d}.mat", points)
                write_nwpu_json(folder / "jsons" / f"{number:04d}.json", points)
        (folder / f"{part}.txt").write_text("\n".join(rows) + "\n")
    return folder


def write_nwpu_json(path: Path, points) -> Path:
    """Write marks as NWPU-Crowd does beside the MATLAB files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    marks = [[float(x), float(y)] for x, y in points]
    path.write_text(json.dumps({"img_id": path.stem, "human_num": len(marks), "points": marks}))
    return path


def write_jhu_crowd(folder: Path, train, val, test, *, size_hw=(96, 128)) -> Path:
    """Write JHU-Crowd++ as published: three parts of pictures, rows of heads and counts."""
    number = 0
    for part, counts in (("train", train), ("val", val), ("test", test)):
        if not counts:
            continue
        labels = []
        for people in counts:
            number += 1
            image, points = dotted_picture(size_hw, people, seed=700 + number)
            write_picture(folder / part / "images" / f"{number:04d}.jpg", image)
            heads = folder / part / "gt" / f"{number:04d}.txt"
            heads.parent.mkdir(parents=True, exist_ok=True)
            heads.write_text("".join(f"{x} {y} 8 9 1 0\n" for x, y in points))
            labels.append(f"{number:04d},{people},stadium,0,0")
        (folder / part / "image_labels.txt").write_text("\n".join(labels) + "\n")
    return folder


def write_common(folder: Path, counts, *, held_out=2, size_hw=(128, 160)) -> Path:
    """Write a set in the common format; the last pictures are held out."""
    source = folder.with_name(folder.name + "-source")
    pictures = []
    for index, people in enumerate(counts):
        image, points = dotted_picture(size_hw, people, seed=200 + index)
        path = write_picture(source / f"p{index:03d}.png", image)
        pictures.append(LabelledPicture(path, size_hw, points))
    held = tuple(index >= len(counts) - held_out for index in range(len(counts)))
    labelled = LabelledSet(folder.name, "made for tests", tuple(pictures))
    write_folder(SplitSet(labelled, held, f"the last {held_out} held out"), folder)
    return folder


def write_fsc147(folder: Path, parts, *, inner="FSC_147", spelling="FSC147", size_hw=(48, 64)):
    """Write FSC-147 as published; `parts` maps a part to rows (name, class, points)."""
    lists = folder / inner
    lists.mkdir(parents=True, exist_ok=True)
    annotation, classes = {}, []
    for rows in parts.values():
        for name, kind, points in rows:
            image, _ = dotted_picture(size_hw, 0, seed=len(classes))
            write_picture(folder / "images_384_VarV2" / name, image)
            annotation[name] = {
                "H": 480,
                "W": 640,
                "points": points,
                "box_examples_coordinates": [[[1, 1], [1, 9], [9, 9], [9, 1]]],
            }
            classes.append(f"{name}\t{kind}")
    split = {part: [name for name, _, _ in rows] for part, rows in parts.items()}
    (lists / f"annotation_{spelling}_384.json").write_text(json.dumps(annotation))
    (lists / f"ImageClasses_{spelling}.txt").write_text("\n".join(classes) + "\n")
    (lists / "Train_Test_Val_FSC_147.json").write_text(json.dumps(split))
    return folder


def write_carpk(folder: Path, train, test, *, size_hw=(48, 64)):
    """Write CARPK as published; each part is a list of lists of boxes."""
    number = 0
    for part, pictures in (("train", train), ("test", test)):
        names = []
        for boxes in pictures:
            names.append(f"2016_{number:02d}")
            image, _ = dotted_picture(size_hw, 0, seed=number)
            write_picture(folder / "Images" / f"{names[-1]}.png", image)
            rows = "".join(" ".join(map(str, (*box, 1))) + "\n" for box in boxes)
            marks = folder / "Annotations" / f"{names[-1]}.txt"
            marks.parent.mkdir(exist_ok=True)
            marks.write_text(rows)
            number += 1
        (folder / "ImageSets").mkdir(exist_ok=True)
        (folder / "ImageSets" / f"{part}.txt").write_text("\n".join(names) + "\n")
    return folder

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings hvlm_de.ts up to date with the window's texts: tr(), uiText() and QT_TRANSLATE_NOOP() of ui/ and app/workbench/.

All messages stand in one context, "hvlm" (see ui/shell/translation.h): a text means the same wherever it is used. Translations that are there are
kept; texts that are gone are dropped. Says which texts are untranslated and ends with 1 when there are any. For maintainers; nothing at run time
or in the build needs Python.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "resources" / "translations" / "hvlm_de.ts"
CALL = re.compile(r'(?<![A-Za-z0-9_])(?:tr|uiText|QT_TRANSLATE_NOOP)\(\s*(?:"hvlm",\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def texts():
    found = {}
    for folder in ("ui", "app/workbench"):
        for file in sorted((ROOT / folder).rglob("*.[ch]*")):
            if file.suffix not in (".cpp", ".h"):
                continue
            source = re.sub(r"^\s*//.*$", "", file.read_text(encoding="utf-8"), flags=re.M)
            for call in CALL.finditer(source):
                raw = "".join(PIECE.findall(call.group(1)))
                text = re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), raw)
                found.setdefault(text, file.relative_to(ROOT).as_posix())
    return found


def translations():
    kept = {}
    if TARGET.exists():
        for message in ET.parse(TARGET).getroot().iter("message"):
            forms = [f.text or "" for f in message.findall("translation/numerusform")]
            translation = message.find("translation")
            kept[message.findtext("source") or ""] = forms or (translation.text or "" if translation is not None else "")
    return kept


def main():
    found, kept = texts(), translations()
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>", '<TS version="2.1" language="de_DE" sourcelanguage="en">', "<context>", "    <name>hvlm</name>"]
    missing = []
    for text in sorted(found):
        done = kept.get(text, "")
        numerus = "%n" in text
        lines.append('    <message numerus="yes">' if numerus else "    <message>")
        lines.append(f"        <source>{escape(text)}</source>")
        if not done:
            missing.append(f"{found[text]}: {text}")
            lines.append('        <translation type="unfinished"></translation>')
        elif numerus:
            forms = done if isinstance(done, list) else [done, done]
            lines.append("        <translation>" + "".join(f"<numerusform>{escape(f)}</numerusform>" for f in forms) + "</translation>")
        else:
            lines.append(f"        <translation>{escape(done)}</translation>")
        lines.append("    </message>")
    lines += ["</context>", "</TS>", ""]
    TARGET.write_text("\n".join(lines), encoding="utf-8")
    print(f"{len(found)} texts, {len(missing)} untranslated")
    for each in missing:
        print("  " + each)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

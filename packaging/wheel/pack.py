"""pack.py FOLDER RECORD WHEEL: packs the folder into a wheel, with the required list of files at the path RECORD in it. The same
files give the same wheel."""
import base64
import hashlib
import os
import sys
import zipfile


def files(folder):
    for directory, _, names in os.walk(folder):
        for name in names:
            yield os.path.relpath(os.path.join(directory, name), folder)


def main(folder, record, wheel):
    lines = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:

        def add(name, content):
            info = zipfile.ZipInfo(name)  # dated 1980
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)

        for name in sorted(files(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(content)}\n")
            add(name, content)
        add(record, "".join(lines) + f"{record},,\n")


main(*sys.argv[1:])

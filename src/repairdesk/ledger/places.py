"""Where a ledger must not lie: on a network file system, as far as this machine says that it is one.

Asked only where the device has no number of its own, which disks have: the table of mounts can be long.
"""

from __future__ import annotations

import os
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs ncpfs afs kafs coda ceph lustre 9p drvfs vboxsf prl_fs davfs davfs2 "
    "beegfs gpfs panfs pvfs2 orangefs moosefs".split()
)
_NETWORK_FUSE = frozenset(
    "sshfs glusterfs ceph rclone s3fs s3ql gcsfuse goofys davfs2 davfs curlftpfs smbnetfs vmhgfs-fuse gvfsd-fuse "
    "mfs moosefs juicefs seaweedfs blobfuse blobfuse2 onedrive google-drive-ocamlfuse".split()
)


def network(device: int) -> str | None:
    """The kind of network file system that a device number stands for; None: it is none, or nobody knows."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None  # another system
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:
        mount, _, rest = line.partition(" - ")
        if mount.split(" ")[2:3] == [wanted]:
            kind = rest.split(" ")[0]
            fuse, _, of = kind.partition(".")
            return kind if kind in _NETWORK or (fuse == "fuse" and of in _NETWORK_FUSE) else None
    return None

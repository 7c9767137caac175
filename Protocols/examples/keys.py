"""Keys for the examples: --key FILE and --server-key KEY, as shinden keys generate writes them.
Research software, not a medical device.
"""
import os, stat, sys


def add_options(options):
    options.add_argument("--key", help="file of this program's key, mode 0600")
    options.add_argument("--server-key", help="the daemon's public key, or a file with it")


def lines(path):
    with open(path) as file:
        return dict(line.split() for line in file if line.strip() and not line.startswith("#"))


def secure(socket, arguments):
    """Makes a socket prove who it is, before it connects; without both options it stays as it is."""
    if not arguments.key and not arguments.server_key:
        return
    if not arguments.key or not arguments.server_key:
        sys.exit("give both --key and --server-key")
    if os.stat(arguments.key).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        sys.exit(f"{arguments.key}: others may read or change it; chmod 600 it, and draw a new key")
    key, server = lines(arguments.key), arguments.server_key
    socket.curve_publickey, socket.curve_secretkey = key["public"].encode(), key["secret"].encode()
    socket.curve_serverkey = (lines(server)["public"] if os.path.exists(server) else server).encode()

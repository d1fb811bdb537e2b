"""A form that uploads a package through GraphQL, as it travels."""

PATH = "/api/graphql"
MEBI = 1024 * 1024
FORM = "multipart/form-data; boundary=frontier"
FORM_HEAD = (
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="operations"\r\n\r\n'
    b'{"query": "mutation($f: Upload!) { uploadPackage(channelName: \\"CHANNEL\\", file: $f)'
    b' { filename } }", "variables": {"f": null}}\r\n'
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="map"\r\n\r\n'
    b'{"0": ["variables.f"]}\r\n'
    b"--frontier\r\n"
    b'Content-Disposition: form-data; name="0"; filename="a-1-0.conda"\r\n\r\n'
)

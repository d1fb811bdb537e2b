// What to type to use a channel. A private one needs a key first: pixi and rattler keep it for the
// host, conda and mamba read it from the address.

/** @typedef {{ tool: string, line: string, note?: string }} Choice */

const KEY = "YOUR_KEY";

/** @param {string} baseUrl the address with a key in it: conda-token style, directly under the host */
function withKey(baseUrl) {
  const url = new URL(baseUrl);
  return `${url.origin}/t/${KEY}${url.pathname}`;
}

/**
 * The lines that put a package of this channel into an environment.
 * @param {{ baseUrl: string, isPublic: boolean }} channel
 * @param {string} name of the package, perhaps with "==1.0"
 * @returns {Choice[]}
 */
export function setUp({ baseUrl, isPublic }, name) {
  const { host, origin } = new URL(baseUrl);
  const url = isPublic ? baseUrl : withKey(baseUrl);
  const login = isPublic ? "" : `pixi auth login ${origin} --token ${KEY}\n`;
  const note = isPublic ? undefined : `This channel is private. Put a key of yours from /account/keys in place of ${KEY}.`;
  const kept = isPublic ? "" : `micromamba auth login ${host} --bearer ${KEY}\n`;
  return [
    { tool: "pixi", line: `${login}pixi workspace channel add ${baseUrl}\npixi add ${spec(name, "==")}`, note },
    { tool: "conda", line: `conda install --channel ${url} ${spec(name, "=")}`, note },
    { tool: "mamba", line: `mamba install --channel ${url} ${spec(name, "=")}`, note },
    { tool: "micromamba", line: `${kept}micromamba install --channel ${baseUrl} ${spec(name, "=")}`, note },
  ];
}

/**
 * conda writes "name=1.0" where pixi writes "name==1.0"; shells expand a "!" outside of quotes.
 * @param {string} name @param {string} sign
 */
function spec(name, sign) {
  const text = name.replace("==", sign);
  return text.includes("!") ? `'${text}'` : text;
}

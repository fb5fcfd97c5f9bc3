// Asks the browser's passkeys, and sends what they answer with the page's own form. Nothing is decided here.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function made(asked) {
  const found = await navigator.credentials.create({ publicKey: {
    challenge: bytes(asked.challenge),
    rp: { id: asked.site, name: "cutter" },
    user: { id: crypto.getRandomValues(new Uint8Array(32)), name: asked.person, displayName: asked.person },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -8 }],
    authenticatorSelection: { userVerification: "required" },
    attestation: "none",
  } });
  return {
    algorithm: String(found.response.getPublicKeyAlgorithm()),
    public_key: text(found.response.getPublicKey()),
    credential_id: text(found.rawId),
    client_data: text(found.response.clientDataJSON),
    authenticator_data: text(found.response.getAuthenticatorData()),
  };
}

async function signed(asked) {
  const found = await navigator.credentials.get({ publicKey: {
    challenge: bytes(asked.challenge),
    rpId: asked.site,
    allowCredentials: [{ type: "public-key", id: bytes(asked.credential) }],
    userVerification: "required",
  } });
  return {
    client_data: text(found.response.clientDataJSON),
    authenticator_data: text(found.response.authenticatorData),
    signature: text(found.response.signature),
  };
}

const form = document.querySelector("form[data-challenge]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const note = document.querySelector("[role=status]");
  button.disabled = true;
  note.textContent = "Waiting for your passkey.";
  try {
    const answer = await (form.dataset.credential ? signed(form.dataset) : made(form.dataset));
    for (const [name, value] of Object.entries(answer)) {
      form.elements.namedItem(name).value = value;
    }
    form.submit();
  } catch (error) {
    button.disabled = false;
    note.textContent = `Nothing was signed: ${error.message}`;
  }
});

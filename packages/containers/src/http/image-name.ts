/** A name's slashes are part of the path. */
export function imagePath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/')
}

/** `registry:5000/a/b:tag` → its name and tag. Without a tag the engine would fetch all there are. */
export function splitImage(image: string): { name: string; tag: string } {
  const digest = image.indexOf('@')
  if (digest !== -1) return { name: image.slice(0, digest), tag: image.slice(digest + 1) }
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? { name: image.slice(0, colon), tag: image.slice(colon + 1) } : { name: image, tag: 'latest' }
}

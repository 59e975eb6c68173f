/**
 * Names of Zeek's fields as logs have them: with another separator of scopes (`id_orig_h`, `id:orig_h`), in an object
 * (`{"id": {"orig_h": …}}`), or renamed when the log was written (`Log::default_field_name_map`).
 */

/** Names that people give to fields of a connection, by Zeek's own. Only where the log lacks Zeek's. */
const renamed: Readonly<Record<string, readonly string[]>> = {
  ts: ['@timestamp', 'timestamp', 'time', '_time', 'ts_start', 'start_time'],
  'id.orig_h': ['orig_h', 'src_ip', 'srcip', 'source_ip', 'src_addr', 'src_host', 'saddr', 'client_ip'],
  'id.orig_p': ['orig_p', 'src_port', 'srcport', 'source_port', 'sport', 'client_port'],
  'id.resp_h': [
    'resp_h',
    'dest_ip',
    'dst_ip',
    'dstip',
    'destination_ip',
    'dst_addr',
    'dest_host',
    'daddr',
    'server_ip',
  ],
  'id.resp_p': ['resp_p', 'dest_port', 'dst_port', 'dstport', 'destination_port', 'dport', 'server_port'],
}

/** `id.orig_h` for a name that differs in what stands between. */
const canonical = (name: string): string =>
  name.replace(/^id[^A-Za-z0-9]{1,3}(orig|resp)_([hp])$/, 'id.$1_$2')

/** For each of the fields of a log, Zeek's own name of it. */
export function zeekNames(fields: readonly string[]): string[] {
  const names = fields.map(canonical)
  for (const [name, others] of Object.entries(renamed)) {
    if (names.includes(name)) continue
    const other = others.find((each) => names.includes(each))
    if (other !== undefined) names[names.indexOf(other)] = name
  }
  return names
}

/**
 * Where an object has the fields: by Zeek's name, the keys that lead to it, for those that are elsewhere than under
 * their own name.
 */
export function zeekPaths(object: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> {
  const places = Object.entries(object).flatMap(([key, value]) =>
    key === 'id' && typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value).map((inner) => [key, inner])
      : [[key]],
  )
  const names = zeekNames(places.map((path) => path.join('.')))
  return new Map(
    places.flatMap((path, i) => {
      const name = names[i] as string
      return path.length === 1 && path[0] === name ? [] : [[name, path] as const]
    }),
  )
}

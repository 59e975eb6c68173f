/** Columns of the logs of Zeek 6 that the simulator writes: name and type, in order. */
const endpoints = [
  ['ts', 'time'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
] as const

const named = (type: string, names: string) => names.split(' ').map((name) => [name, type] as const)

export const connColumns = [
  ...endpoints,
  ['proto', 'enum'],
  ['service', 'string'],
  ['duration', 'interval'],
  ...named('count', 'orig_bytes resp_bytes'),
  ['conn_state', 'string'],
  ...named('bool', 'local_orig local_resp'),
  ['missed_bytes', 'count'],
  ['history', 'string'],
  ...named('count', 'orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes'),
  ['tunnel_parents', 'set[string]'],
] as const

export const dnsColumns = [
  ...endpoints,
  ['proto', 'enum'],
  ['trans_id', 'count'],
  ['rtt', 'interval'],
  ['query', 'string'],
  ['qclass', 'count'],
  ['qclass_name', 'string'],
  ['qtype', 'count'],
  ['qtype_name', 'string'],
  ['rcode', 'count'],
  ['rcode_name', 'string'],
  ...named('bool', 'AA TC RD RA'),
  ['Z', 'count'],
  ['answers', 'vector[string]'],
  ['TTLs', 'vector[interval]'],
  ['rejected', 'bool'],
] as const

/** What the script policy/protocols/dns/auth-addl adds. */
export const authorityColumns = [
  ['auth', 'set[string]'],
  ['addl', 'set[string]'],
] as const

export const httpColumns = [
  ...endpoints,
  ['trans_depth', 'count'],
  ...named('string', 'method host uri referrer version user_agent origin'),
  ...named('count', 'request_body_len response_body_len status_code'),
  ['status_msg', 'string'],
  ['info_code', 'count'],
  ['info_msg', 'string'],
  ['tags', 'set[enum]'],
  ...named('string', 'username password'),
  ['proxied', 'set[string]'],
  ...named(
    'vector[string]',
    'orig_fuids orig_filenames orig_mime_types resp_fuids resp_filenames resp_mime_types',
  ),
] as const

export const sslColumns = [
  ...endpoints,
  ...named('string', 'version cipher curve server_name'),
  ['resumed', 'bool'],
  ...named('string', 'last_alert next_protocol'),
  ['established', 'bool'],
  ['ssl_history', 'string'],
  ...named('vector[string]', 'cert_chain_fps client_cert_chain_fps'),
  ...named('string', 'subject issuer client_subject client_issuer'),
  ['sni_matches_cert', 'bool'],
  ['ja3', 'string'],
] as const

export const filesColumns = [
  ['ts', 'time'],
  ['fuid', 'string'],
  ['uid', 'string'],
  ['id.orig_h', 'addr'],
  ['id.orig_p', 'port'],
  ['id.resp_h', 'addr'],
  ['id.resp_p', 'port'],
  ['source', 'string'],
  ['depth', 'count'],
  ['analyzers', 'set[string]'],
  ...named('string', 'mime_type filename'),
  ['duration', 'interval'],
  ...named('bool', 'local_orig is_orig'),
  ...named('count', 'seen_bytes total_bytes missing_bytes overflow_bytes'),
  ['timedout', 'bool'],
  ...named('string', 'parent_fuid md5 sha1 sha256 extracted'),
  ['extracted_cutoff', 'bool'],
  ['extracted_size', 'count'],
] as const

/**
 * Which alerts of other engines accuse their source, as data.
 *
 * Suricata and Snort name classes (classification.config); Zeek names notices. Only those are here where the
 * source of the traffic is the one that acts.
 */

/** Classes of Suricata and Snort that mean an attack or a trojan. */
export const exploitClasses: readonly string[] = [
  'A Network Trojan was detected',
  'Malware Command and Control Activity Detected',
  'Domain Observed Used for C2 Detected',
  'Targeted Malicious Activity was Detected',
  'Exploit Kit Activity Detected',
  'Executable code was detected',
  'Attempted Administrator Privilege Gain',
  'Successful Administrator Privilege Gain',
  'Attempted User Privilege Gain',
  'Successful User Privilege Gain',
  'Web Application Attack',
  'Attempted Denial of Service',
  'Detection of a Denial of Service Attack',
  'trojan-activity',
  'command-and-control',
  'domain-c2',
  'targeted-activity',
  'exploit-kit',
  'shellcode-detect',
  'attempted-admin',
  'successful-admin',
  'attempted-user',
  'successful-user',
  'web-application-attack',
  'attempted-dos',
  'denial-of-service',
]

export const scanClasses: readonly string[] = ['Detection of a Network Scan', 'network-scan']

/** Zeek notices, as RE2 over the notice type. */
export const exploitNotices = `^(${[
  'Intel::Notice',
  'SSH::Password_Guessing',
  'FTP::Bruteforcing',
  'HTTP::SQL_Injection_Attacker',
  'Heartbleed::.*Attack.*',
  'TeamCymruMalwareHashRegistry::Match',
  '.*::.*(Exploit|Bruteforc|Brute_Forc).*',
].join('|')})$`
export const scanNotices = '^(Scan::|.*::(Address_Scan|Port_Scan|Random_Scan))'

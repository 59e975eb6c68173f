/** What counts as a program, as data. */

/** Types that are programs on some system. Scripts are here only where browsers do not fetch them all day. */
export const executableTypes: readonly string[] = [
  'application/x-dosexec',
  'application/x-msdownload',
  'application/vnd.microsoft.portable-executable',
  'application/x-executable',
  'application/x-pie-executable',
  'application/x-sharedlib',
  'application/x-elf',
  'application/x-mach-o-executable',
  'application/x-mach-binary',
  'application/x-java-archive',
  'application/java-archive',
  'application/x-java-applet',
  'application/vnd.android.package-archive',
  'application/x-msi',
  'application/x-ms-shortcut',
  'application/hta',
  'text/x-shellscript',
  'text/x-powershell',
]

/** Types that say nothing, so that the name decides. */
export const vagueTypes: readonly string[] = [
  '',
  'application/octet-stream',
  'application/x-download',
  'application/force-download',
  'binary/octet-stream',
]

/** RE2 over the lower-case name without its query. */
export const executableNames = '[.](exe|dll|scr|msi|com|pif|cpl|jar|apk|elf|hta|ps1|vbs|bat|cmd|lnk|sys)$'

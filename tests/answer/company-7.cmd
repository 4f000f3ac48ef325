@echo off
rem Made by Sticksmith from a profile. The steps run in order; the log lies beside the applications.
chcp 65001 >nul
set "LOG=%SystemDrive%\Sticksmith\install.log"
if not exist "%SystemDrive%\Sticksmith" mkdir "%SystemDrive%\Sticksmith"
if not "%~1"=="" goto step%~1

rem name: BUERO-{serial}
>>"%LOG%" 2>&1 powershell.exe -NoProfile -Command "$s=(Get-WmiObject Win32_BIOS).SerialNumber -replace '[^A-Za-z0-9-]',''; $s=$s.Substring(0,[Math]::Min(9,$s.Length)); exit (Get-WmiObject Win32_ComputerSystem).Rename('BUERO-'+$s+'').ReturnValue"

:step1
rem step: 7-Zip
>>"%LOG%" echo %DATE% %TIME% step 1 begins
>>"%LOG%" 2>&1 msiexec.exe /i "%SystemDrive%\Sticksmith\7z.msi" /qn /norestart
>>"%LOG%" echo %DATE% %TIME% step 1 ended with %errorlevel%

:step2
rem step: Büroprogramm
>>"%LOG%" echo %DATE% %TIME% step 2 begins
>>"%LOG%" 2>&1 start "" /wait "%SystemDrive%\Sticksmith\Büro setup.exe" /S /D=C:\Büro
>>"%LOG%" echo %DATE% %TIME% step 2 ended with %errorlevel%
rem restart
reg.exe add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce" /v Sticksmith /t REG_SZ /d "cmd.exe /c \"%SystemDrive%\Sticksmith\first-logon.cmd\" 3" /f
shutdown.exe /r /t 5
exit /b

:step3
rem step: Druckertreiber
>>"%LOG%" echo %DATE% %TIME% step 3 begins
>>"%LOG%" 2>&1 call "%SystemDrive%\Sticksmith\drucker.cmd"
>>"%LOG%" echo %DATE% %TIME% step 3 ended with %errorlevel%

:step4
>>"%LOG%" echo %DATE% %TIME% all done

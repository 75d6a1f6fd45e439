import type { Messages } from './messages.js';

export const es: Messages = {
  languageName: 'Español',
  title: 'Imágenes compartidas',
  problemTitle: 'Error: {title}',
  problemHeading: 'Compruebe lo que ha escrito',
  contactHeading: 'A quién dirigirse',
  languageHeading: 'Idioma',
  tryAgain: 'Volver a intentarlo',
  reference: 'Referencia',
  facts: {
    shared: 'Qué se comparte',
    examination: 'Imágenes médicas de {count}\u00a0prueba',
    examinations: 'Imágenes médicas de {count}\u00a0pruebas',
    images: 'Imágenes médicas',
    by: 'Compartido por',
    until: 'Disponible hasta',
    opens: 'Se abre el',
    wait: 'Tiempo de espera',
  },
  actions: {
    viewers: '¿Cómo quiere ver las imágenes?',
    open: 'Abrir las imágenes',
    openWith: 'Abrir en {viewer}',
    download: 'Descargar las imágenes',
    viewerNotOffered: 'Esta forma de ver las imágenes no está disponible. Elija otra, por favor.',
  },
  pin: {
    label: 'PIN',
    hint: 'Se lo dieron por separado del enlace, por ejemplo por teléfono o en papel.',
    missing: 'Escriba el PIN, por favor.',
    refused: 'Este PIN no es correcto. Compruébelo y vuelva a intentarlo.',
  },
  birthDate: {
    label: 'Fecha de nacimiento del paciente',
    hint: 'Por ejemplo, 27 3 1980.',
    day: 'Día',
    month: 'Mes',
    year: 'Año',
    missing: 'Escriba el día, el mes y el año de nacimiento, por favor.',
    impossible: 'Esa fecha no existe. Compruebe el día, el mes y el año.',
    refused: 'Esta fecha de nacimiento no es correcta. Compruébela y vuelva a intentarlo.',
  },
  emailCode: {
    explanation: 'Para proteger las imágenes, primero enviamos un código a {address}.',
    send: 'Enviarme el código',
    have: 'Ya tengo un código',
    label: 'Código del correo electrónico',
    hint: 'Seis cifras, enviadas a {address}. Puede tardar un minuto; mire también en la carpeta de correo no deseado.',
    hintPlain:
      'Seis cifras, enviadas a su correo electrónico. Puede tardar un minuto; mire también en la carpeta de correo no deseado.',
    sendAgain: 'Enviar un código nuevo',
    missing: 'Escriba el código del correo electrónico, por favor.',
    refused: 'Este código no es correcto o es demasiado antiguo. Compruébelo o pida uno nuevo.',
  },
  pages: {
    link: {
      heading: 'Han compartido imágenes con usted',
      happened: 'Son solo para usted. Por favor, no comparta este enlace.',
      whatToDo: 'Puede abrirlas aquí, en el teléfono o en un ordenador.',
    },
    opening: {
      heading: 'Sus imágenes se están abriendo',
      happened: 'Aparecerán en un momento.',
      whatToDo: 'Si no ocurre nada, utilice el botón.',
    },
    downloading: {
      heading: 'Su descarga está empezando',
      happened: 'El archivo puede ser grande y tardar un poco.',
      whatToDo: 'Guárdelo en un lugar seguro: contiene imágenes médicas. Si no ocurre nada, utilice el botón.',
    },
    scheduled: {
      heading: 'Este enlace todavía no está abierto',
      happened: 'Se preparó con antelación y funcionará a partir de una fecha posterior.',
      whatToDo: 'Guárdelo y vuelva a abrirlo entonces.',
    },
    expired: {
      heading: 'Este enlace ha caducado',
      happened: 'Los enlaces compartidos solo funcionan durante un tiempo limitado, y el de este ha terminado.',
      whatToDo: 'Pida un enlace nuevo a la persona o al servicio que se lo envió. A su dispositivo no le pasa nada.',
    },
    'viewer-expired': {
      heading: 'Su tiempo de consulta ha terminado',
      happened: 'Para protegerlas, las imágenes solo permanecen abiertas durante un tiempo limitado.',
      whatToDo: 'Para volver a verlas, abra de nuevo el enlace que recibió.',
    },
    'used-up': {
      heading: 'Este enlace ya se ha utilizado',
      happened: 'Solo se podía abrir un número limitado de veces, y ya se ha alcanzado.',
      whatToDo: 'Si todavía necesita ver las imágenes, pida un enlace nuevo a quien se lo envió.',
    },
    locked: {
      heading: 'Este enlace está bloqueado',
      happened:
        'Se escribieron datos incorrectos demasiadas veces, así que lo hemos bloqueado para proteger las imágenes.',
      whatToDo: 'Pida acceso de nuevo a la persona o al servicio que se lo envió.',
    },
    revoked: {
      heading: 'Este enlace se ha retirado',
      happened: 'Las personas que lo compartieron lo han cerrado, y ya no abre las imágenes.',
      whatToDo: 'Si todavía necesita verlas, pida un enlace nuevo a quien se lo envió.',
    },
    invalid: {
      heading: 'Este enlace no funciona',
      happened: 'No lo hemos reconocido. Puede que una parte se haya perdido al copiarlo o reenviarlo.',
      whatToDo: 'Vuelva a abrirlo desde el mensaje original, o pida un enlace nuevo a quien se lo envió.',
    },
    incomplete: {
      heading: 'Este enlace está incompleto',
      happened: 'La dirección que se ha abierto no contiene todo lo que necesitamos para encontrar sus imágenes.',
      whatToDo: 'Vuelva al mensaje que recibió y toque allí el enlace, en lugar de copiarlo.',
    },
    'not-for-here': {
      heading: 'Este enlace no se puede abrir aquí',
      happened: 'Se creó para otro uso, y esta página no tiene nada que mostrar.',
      whatToDo: 'Pregunte a quien se lo dio cómo abrirlo, o pídale un enlace para ver las imágenes.',
    },
    'too-many-attempts': {
      heading: 'Espere un poco, por favor',
      happened: 'Ha habido demasiados intentos en poco tiempo.',
      whatToDo: 'Podrá volver a intentarlo después del tiempo de espera. Conserve su enlace.',
    },
    unavailable: {
      heading: 'Ahora mismo no podemos abrir su enlace',
      happened: 'Nuestro servicio no responde como debería. No se debe a usted ni a su dispositivo.',
      whatToDo: 'Vuelva a intentarlo dentro de unos minutos y conserve su enlace.',
    },
    preview: {
      heading: 'Un enlace privado',
      happened: 'Lo que se ha compartido aquí es solo para su destinatario.',
      whatToDo: 'Abra el enlace en un navegador web para verlo.',
    },
    'not-found': {
      heading: 'Aquí no hay nada',
      happened: 'Esta dirección no lleva a ninguna página.',
      whatToDo: 'Si le enviaron un enlace, ábralo directamente desde el mensaje.',
    },
  },
};
